"""Mis tickets and Tickets de empresa: one message, edited in place from page to page."""

from bot import buttons
from bot.context import Context
from core.models import Ticket
from core.queries import tickets
from core.queries.tickets import Place, Scope
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.requests import missing_words
from core.render.standing import TURN_WORDS
from core.render.words import STATE_WORDS
from core.rules.limits import shorten
from core.rules.states import waiting_for

LABEL = 60  # signs of a button that a phone shows


async def show(
    context: Context,
    scope: Scope,
    *,
    closed: bool = False,
    before: Place | None = None,
    after: Place | None = None,
    in_place: bool,
) -> None:
    """Tickets to tap on, with the other half and the neighbouring pages."""
    t = context.t
    page = await tickets.page_for(
        context.session, context.person, context.bound, scope=scope, closed=closed, before=before, after=after
    )
    html = telegram.page(
        "tickets",
        t,
        title=t(buttons.MY_TICKETS) if scope == "own" else t(buttons.COMPANY_TICKETS),
        company=context.bound.company.name,
        lines=[
            (ticket, STATE_WORDS[ticket.state], _turn_words(ticket), _missing(context, ticket))
            for ticket in page.tickets
        ],
        closed=closed,
        scope=scope,
    )
    half = "closed" if closed else "open"
    turn = []
    if page.newer:
        turn.append(Button(t("Previous"), data(Tap.LIST, scope, half, "after", *_written(page.newer))))
    if page.older:
        turn.append(Button(t("Next"), data(Tap.LIST, scope, half, "before", *_written(page.older))))
    rows = [[_ticket(context, ticket)] for ticket in page.tickets]
    payload = telegram.message(html, [*rows, turn, [_other_half(context, scope, closed=closed)]])
    await (context.replace(payload) if in_place else context.say(payload))


def read_place(number: str, is_asked: str = "0") -> Place:
    """What a button says of where to page from; those of earlier days say the number only."""
    return Place(int(number), is_asked == "1")


def _written(place: Place) -> tuple[int, int]:
    return place.number, int(place.is_asked)


def _missing(context: Context, ticket: Ticket) -> str:
    return missing_words(context.t, ticket.request_asks) if ticket.request_asks else ""


def _ticket(context: Context, ticket: Ticket) -> Button:
    standing = _missing(context, ticket) or f"({context.t(STATE_WORDS[ticket.state])})"
    label = f"#{ticket.number} {standing} {'· ' if ticket.request_asks else ''}{ticket.subject}"
    return Button(shorten(label, LABEL), data(Tap.TICKET, ticket.number))


def _turn_words(ticket: Ticket) -> str:
    return TURN_WORDS.get(waiting_for(ticket.state, ticket.customer_spoke_last), "")


def _other_half(context: Context, scope: Scope, *, closed: bool) -> Button:
    if closed:
        return Button(context.t("Open ones"), data(Tap.LIST, scope, "open"))
    return Button(context.t("Closed ones"), data(Tap.LIST, scope, "closed"))
