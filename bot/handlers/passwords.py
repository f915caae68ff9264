"""The company's password, for verified phones."""

from bot.context import Context
from bot.handlers import replies
from bot.handlers.login import wait_words
from core.actions import conversations, login
from core.clock import now
from core.i18n import N_
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.words import PASSWORD_FLAW_WORDS
from core.rules.identity import Sight, may_see
from core.rules.intake import Step


async def change_password(context: Context) -> None:
    if not may_see(context.bound.level, Sight.PASSWORD_CHANGE):
        await context.answer_tap(context.t("Only verified phones may change the password."), alert=True)
        return
    if login.needs_old_password(context.bound.company, now()):
        conversations.go(context.conversation, Step.OLD_PASSWORD, company=context.bound.company_id)
        await _ask(context, N_("Write the current password. We delete it from the chat."))
        return
    await _ask_new(context)


async def old_password(context: Context) -> None:
    if await _is_no_password(context):
        return
    await _delete_secret(context)
    if await _is_for_another_company(context):
        return
    wait = await login.wait_of_chat(context.session, context.chat_id)
    if wait or context.prepared.old_is_right is None:
        _go_on_asking(context)
        await context.say_text(wait_words(context.t, wait))
        return
    if not context.prepared.old_is_right:
        _go_on_asking(context)
        await login.count_failure(context.session, context.person, context.bound.company.ruc)
        await _ask(context, N_("That is not the current password. Write it again, or cancel."))
        return
    await _ask_new(context)


async def _ask_new(context: Context) -> None:
    conversations.go(context.conversation, Step.NEW_PASSWORD, company=context.bound.company_id)
    await _ask(
        context,
        N_("Write the new password: 8 to 128 characters, not the RUC nor the company's name. We delete it here."),
    )


async def new_password(context: Context) -> None:
    if await _is_no_password(context):
        return
    await _delete_secret(context)
    if await _is_for_another_company(context):
        return
    t, company = context.t, context.bound.company
    content = context.content
    flaws = login.flaws_of(company, content.text if content else "")
    if flaws or context.prepared.new_hash is None:
        _go_on_asking(context)
        reasons = " ".join(t(PASSWORD_FLAW_WORDS[flaw]) for flaw in flaws)
        await _ask(context, N_("%(reasons)s Write another one."), reasons=reasons)
        return
    new_hash = context.prepared.new_hash
    await login.change_password(context.session, context.bound, new_hash=new_hash, office=context.office)
    conversations.go(context.conversation, Step.MENU)
    await context.say_text(t("The password of %(company)s has been changed.", company=company.name))


async def _is_no_password(context: Context) -> bool:
    """A file, or what comes long after the question was asked: a message like any other, which is not lost."""
    content, conversation = context.content, context.conversation
    is_late = content is not None and not conversations.awaits_secret(conversation, content.said_at)
    is_file = content is not None and content.file is not None
    if is_late:
        conversations.go(conversation, Step.MENU)
    if is_late or is_file:
        await replies.out_of_the_blue(context)
    if is_file and not is_late:  # what is typed next may be the password still
        await _ask(context, N_("That is no password. Write it as text, please: it is deleted at once."))
    return is_late or is_file


def _go_on_asking(context: Context) -> None:
    """The question is as new as what was just said about it."""
    conversations.go(context.conversation, context.conversation.step, **context.conversation.data)


async def _is_for_another_company(context: Context) -> bool:
    """A phone that was taken off its company meanwhile acts for another one, whose password nobody meant."""
    binding = context.bound
    if context.conversation.data.get("company") == binding.company_id and may_see(
        binding.level, Sight.PASSWORD_CHANGE
    ):
        return False
    conversations.go(context.conversation, Step.MENU)
    await context.say_text(
        context.t("This chat writes for %(company)s now. No password was changed.", company=binding.company.name)
    )
    return True


async def _delete_secret(context: Context) -> None:
    if context.message is not None:
        await context.delete(context.message.message_id)


async def _ask(context: Context, question: str, **values: object) -> None:
    """In place of the preferences where a button led here, below what was typed otherwise."""
    cancel = Button(context.t("Cancel"), data(Tap.PREFERENCES))
    await context.replace(telegram.message(telegram.plain(context.t(question, **values)), [[cancel]]))
