"""From /start to a binding: RUC, password, proof."""

from telegram import MessageOrigin

from bot import buttons, incoming, screens
from bot.context import Context
from bot.handlers import too_big
from core.actions import conversations, drafts, login, people
from core.actions.content import Content
from core.i18n import N_
from core.models import DraftState
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.identity import read_ruc
from core.rules.intake import Step, is_worth_keeping

WRONG = N_("RUC or password are not right. Write the RUC again.")


async def first_words(context: Context) -> None:
    """Whatever somebody says first leads to the log-in; a sentence or a file is kept for the first ticket."""
    content = incoming.read(context.message, context.t) if context.message else None
    if content is not None:
        number = read_ruc(content.text)
        if number is not None:
            await _ask_password(context, number)
            return
        await _keep(context, content)
    await screens.ask_ruc(context)


async def _keep(context: Context, content: Content) -> None:
    """Nothing typed before the log-in is lost: a sentence or a file waits for the first ticket."""
    taken = too_big.takeable(context, content)
    if taken.file is not None or is_worth_keeping(taken.text):
        await drafts.keep_loose(context.session, context.person, taken)
    await too_big.explain(context, content)


async def ruc(context: Context) -> None:
    content = incoming.read(context.message, context.t) if context.message else None
    number = read_ruc(content.text) if content else None
    if number is not None:
        await _ask_password(context, number)
        return
    if content is not None:
        await _keep(context, content)
    await context.say_text(context.t("A RUC has 13 digits, such as 0992345678001. Please write it again."))


async def _ask_password(context: Context, number: str) -> None:
    conversations.go(context.conversation, Step.PASSWORD, ruc=number)
    text = context.t("Now write the password. The first time it is the RUC itself. We delete it from the chat.")
    await context.say(
        telegram.message(telegram.plain(text), [[Button(context.t("I forgot my password"), data(Tap.FORGOT))]])
    )


async def password(context: Context) -> None:
    """The message goes at once; its text is neither kept nor logged. A file is no password: it is kept."""
    assert context.message is not None
    content = incoming.read(context.message, context.t)
    if content is not None and content.file is not None:
        await _keep(context, content)
        await context.say_text(context.t("That is no password. Write it as text, please: it is deleted at once."))
        return
    await context.delete(context.message.message_id)
    number = str(context.conversation.data.get("ruc", ""))
    wait = await login.wait_before_login(context.session, context.chat_id, number)
    if wait:
        minutes = max(1, round(wait.total_seconds() / 60 + 0.49))
        await context.say_text(
            context.t.plural(
                "Too many attempts. Wait %(n)s minute and write the password again.",
                "Too many attempts. Wait %(n)s minutes and write the password again.",
                minutes,
            )
        )
        return
    check = context.prepared.check
    binding = await login.log_in(context.session, context.person, check) if check else None
    if binding is None:
        conversations.go(context.conversation, Step.RUC)
        await context.say_text(context.t(WRONG))
        return
    context.binding = await people.active_binding(context.session, context.person)
    if binding.is_verified:
        await _enter(context)
        return
    await _offer_proof(context)


async def _offer_proof(context: Context) -> None:
    conversations.go(context.conversation, Step.PROOF)
    t = context.t
    why = t(
        "The RUC is printed on every invoice, so it does not prove who you are. "
        "Share your phone number: if it is on the company's record, you see everything of the company."
    )
    await context.say(telegram.with_keyboard(telegram.plain(why), [], contact=t(buttons.SHARE_NUMBER)))
    without = t("Without it you may open 3 tickets a day and see only those opened from this chat.")
    await context.say(
        telegram.message(telegram.plain(without), [[Button(t("Continue without verifying"), data(Tap.UNVERIFIED))]])
    )


async def proof(context: Context) -> None:
    """The own phone number, shared by the button; anything else is taken as going on unverified."""
    contact = context.message.contact if context.message else None
    if contact is None:
        content = incoming.read(context.message, context.t) if context.message else None
        if content is not None:
            await _keep(context, content)
        await unverified(context)
        return
    origin: MessageOrigin | None = context.message.forward_origin if context.message else None
    is_proved = await login.prove_phone(
        context.session,
        context.person,
        context.bound,
        number=contact.phone_number,
        contact_user_id=contact.user_id,
        forwarded=origin is not None,
    )
    if is_proved:
        await _enter(context)
        return
    t = context.t
    text = t("This number is not on the company's record, or it is not your own. Ask the desk to add it.")
    rows = [[Button(t("Continue without verifying"), data(Tap.UNVERIFIED))]]
    await context.say(telegram.message(telegram.plain(text), rows))


async def unverified(context: Context) -> None:
    await _enter(context)


async def _enter(context: Context) -> None:
    """Logged in: the menu, and the draft of what was typed before."""
    await screens.show_menu(context, welcome=True)
    kept = await drafts.open_of(context.session, context.chat_id, DraftState.LOOSE)
    if kept is not None and kept.company_id is None:
        draft = await drafts.become_ticket(context.session, context.person, kept)
        await screens.show_card(
            context, draft, repost=True, notice=context.t("We kept what you wrote before logging in.")
        )


async def forgot(context: Context) -> None:
    """No answer tells whether the RUC exists."""
    number = str(context.conversation.data.get("ruc", ""))
    if number:
        await login.request_reset(context.session, context.person, number)
    await context.answer_tap()
    await context.say_text(
        context.t("We have told the technicians. Once they have reset it, the password is the RUC again.")
    )


async def log_out(context: Context) -> None:
    await login.log_out(context.session, context.person)
    context.binding = None
    conversations.go(context.conversation, Step.START)
    text = context.t("You are logged out of this chat: nothing more will be sent here. /start to log in again.")
    await context.say(telegram.without_keyboard(telegram.plain(text)))
