"""Welcome, help, and leaving whatever one was doing."""

from bot import screens, ticket_screen
from bot.context import Context
from bot.handlers import login, staff
from bot.introduction import commands
from core.actions import conversations, drafts, invitations
from core.queries import texts
from core.render import telegram
from core.rules.alerts import is_staff_link
from core.rules.intake import Step
from core.rules.proofs import is_invitation, read_ticket_link
from core.rules.texts import Text


async def start(context: Context) -> None:
    """``/start``, also with a payload: ``t1042`` from a link to a ticket, or the token of an invitation."""
    words = ((context.message.text or "") if context.message else "").split(maxsplit=1)
    payload = words[1].strip() if len(words) > 1 else ""
    number = read_ticket_link(payload)
    if is_staff_link(payload):
        await staff.link(context, payload)
    elif is_invitation(payload):
        await _invited(context, payload)
    elif context.binding is None:
        await screens.ask_ruc(context)
        if number is not None:
            conversations.go(context.conversation, Step.RUC, ticket=number)
    elif number is not None:
        await ticket_screen.show(context, number)
    else:
        await screens.show_menu(context, welcome=True)


async def _invited(context: Context, token: str) -> None:
    """One answer for every link that does not work, whoever it was for."""
    binding = await invitations.accept(context.session, context.person, token, office=context.office)
    if binding is not None:
        await login.admit(context, binding)
        return
    text = context.t("This invitation does not work: it has been used already, or it is too old. Ask us for another.")
    await context.say_text(text)
    if context.binding is None:
        await screens.ask_ruc(context)


async def help_(context: Context) -> None:
    t, words = context.t, await texts.said(context.session, Text.HELP, context.t)
    html = telegram.page("help", t, office=context.office, words=words, commands=commands(t))
    await context.say(telegram.message(html))


async def cancel(context: Context) -> None:
    """Leave the step; a draft stays and can be taken up again."""
    if context.binding is None:
        await screens.ask_ruc(context)
        return
    kept = await drafts.open_of(context.session, context.chat_id)
    notice = context.t("Your draft is kept: tap New ticket to go on with it.") if kept else ""
    await screens.show_menu(context, notice=notice)
