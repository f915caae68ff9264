"""A ticket that must not ring, and one that may again."""

from bot import ticket_screen
from bot.context import Context
from core.actions import notify, preferences, requests
from core.actions.readers import Reader
from core.models import Ticket
from core.render import buttons
from core.rules.requests import Asks


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
    slots = await requests.offered(context.session, ticket.request_asks, office=context.office)
    rows = notify.follow_up(reader, ticket, ticket.request_asks or Asks.OTHER, slots=slots)
    await context.change_buttons(buttons.keyboard(rows))
