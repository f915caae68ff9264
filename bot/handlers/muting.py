"""A ticket that must not ring, and one that may again."""

from bot import ticket_screen
from bot.context import Context
from core.actions import notify, preferences
from core.actions.readers import Reader
from core.models import Ticket
from core.render import buttons


async def mute(context: Context) -> None:
    ticket = await ticket_screen.of_button(context)
    if ticket is not None:
        await preferences.mute(context.session, context.person, ticket)
        text = context.t("News of #%(number)s will arrive without sound.", number=ticket.number)
        await _answer(context, ticket, text)


async def unmute(context: Context) -> None:
    ticket = await ticket_screen.of_button(context)
    if ticket is not None:
        await preferences.unmute(context.session, context.person, ticket)
        text = context.t("News of #%(number)s will ring again.", number=ticket.number)
        await _answer(context, ticket, text)


async def _answer(context: Context, ticket: Ticket, text: str) -> None:
    """A hint, and the other button in place of the tapped one: on the ticket's screen, or under a push."""
    assert context.tapped is not None
    await context.answer_tap(text)
    _number, *page = context.tapped.arguments
    if page:
        await ticket_screen.show(context, ticket.number, page=int(page[0]), in_place=True)
        return
    reader = Reader(context.person, context.t, rings=False, is_muted=False)
    await context.change_buttons(buttons.keyboard(notify.follow_up(reader, ticket)))
