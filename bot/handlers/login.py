"""From /start to a binding: RUC, password, proof."""

from datetime import timedelta

from bot import screens
from bot.context import Context
from bot.handlers import entering, proofs
from core.actions import conversations, login
from core.actions.announcements import frozen_words
from core.i18n import N_, Translator
from core.models import Binding
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.identity import read_ruc
from core.rules.intake import Step

WRONG = N_("RUC or password are not right. Write the RUC again.")


async def first_words(context: Context) -> None:
    """Whatever somebody says first leads to the log-in; a sentence or a file is kept for the first ticket."""
    content = context.content
    if content is not None:
        number = read_ruc(content.text)
        if number is not None:
            await _ask_password(context, number)
            return
        if content.file is None and conversations.awaits_secret(context.conversation, content.said_at):
            await context.delete(content.message_id)  # the phone was logged out over the question for a password
        else:
            await entering.keep(context, content)
    await screens.ask_ruc(context)


async def ruc(context: Context) -> None:
    content = context.content
    number = read_ruc(content.text) if content else None
    if number is not None:
        await _ask_password(context, number)
        return
    if content is not None:
        await entering.keep(context, content)
    await context.say_text(context.t("A RUC has 13 digits, such as 0992345678001. Please write it again."))


async def _ask_password(context: Context, number: str) -> None:
    step = Step.OTHER_PASSWORD if context.binding else Step.PASSWORD
    conversations.go(context.conversation, step, ruc=number, **entering.goal(context))
    text = context.t("Now write the password. The first time it is the RUC itself. We delete it from the chat.")
    await context.say(
        telegram.message(telegram.plain(text), [[Button(context.t("I forgot my password"), data(Tap.FORGOT))]])
    )


async def password(context: Context) -> None:
    """The message goes at once; its text is neither kept nor logged. A file is no password: it is kept."""
    assert context.message is not None
    content = context.content
    if content is not None and content.file is not None:
        await entering.keep(context, content)
        await context.say_text(context.t("That is no password. Write it as text, please: it is deleted at once."))
        return
    await context.delete(context.message.message_id)
    number = str(context.conversation.data.get("ruc", ""))
    wait = await login.wait_before_login(context.session, context.chat_id, number)
    if wait:
        await context.say_text(wait_words(context.t, wait))
        return
    check = context.prepared.check
    binding = await login.log_in(context.session, context.person, check, office=context.office) if check else None
    if binding is None:
        step = Step.OTHER_RUC if context.binding else Step.RUC
        conversations.go(context.conversation, step, **entering.goal(context))
        await context.say_text(context.t(WRONG))
        return
    await admit(context, binding)


def wait_words(t: Translator, wait: timedelta) -> str:
    return t.plural(
        "Too many attempts. Wait %(n)s minute and write the password again.",
        "Too many attempts. Wait %(n)s minutes and write the password again.",
        max(1, round(wait.total_seconds() / 60 + 0.49)),
    )


async def admit(context: Context, binding: Binding) -> None:
    """A binding was made, or found: in with a verified one, to the proofs with another, nowhere with a frozen one."""
    await context.look_again()
    if binding.frozen_at is not None:
        await _stopped(context, binding)
    elif binding.is_verified:
        await entering.enter(context)
    else:
        await proofs.offer(context)


async def _stopped(context: Context, binding: Binding) -> None:
    if context.binding is None:
        await screens.ask_ruc(context)
        return
    conversations.go(context.conversation, Step.MENU)
    await context.say_text(frozen_words(context.t, binding))


async def unverified(context: Context) -> None:
    await entering.enter(context)


async def forgot(context: Context) -> None:
    """No answer tells whether the RUC exists."""
    number = str(context.conversation.data.get("ruc", ""))
    if number:
        await login.request_reset(context.session, context.person, number)
    await context.answer_tap()
    await context.say_text(
        context.t("We have told the technicians. Once they have reset it, the password is the RUC again.")
    )
