"""Buscar: words, numbers, states and dates lead to tickets, and to why they were found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot import ticket_screen
from bot.context import Context
from bot.handlers import replies
from core.actions import conversations, searches
from core.clock import now
from core.errors import NotFoundError
from core.i18n import N_
from core.models import Search, Ticket
from core.queries import search, tickets
from core.queries.search import Found
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.words import STATE_WORDS
from core.rules import asking
from core.rules.asked_dates import Days, last_month, this_month
from core.rules.asking import OPEN, Asked
from core.rules.intake import Step, one_line
from core.rules.limits import SUBJECT_LIMIT, shorten
from core.rules.states import CLOSED, State

# what a button chooses, its label, and the label of the button that takes it back
STATES: Mapping[str, tuple[str, frozenset[State]]] = {
    "open": (N_("Open ones"), OPEN),
    "closed": (N_("Closed ones"), CLOSED),
}
PERIODS: Mapping[str, tuple[str, Callable[[date], Days]]] = {
    "this": (N_("This month"), this_month),
    "last": (N_("Last month"), last_month),
}
AS_TYPED, ANY = "typed", "any"


async def ask(context: Context) -> None:
    """``/buscar impresora`` finds at once; ``/buscar`` and the button ask."""
    typed = (context.message.text or "") if context.message else ""
    _, _, wanted = typed.partition(" ") if typed.startswith("/") else ("", "", "")
    if wanted.strip():
        await _look(context, wanted)
        return
    conversations.go(context.conversation, Step.SEARCH)
    cancel = Button(context.t("Cancel"), data(Tap.MENU))
    month = last_month(_today(context))
    days = {"first": f"{month.first:%d/%m/%Y}", "last": f"{month.last:%d/%m/%Y}"}
    await context.say(telegram.message(telegram.page("search_ask", context.t, **days), [[cancel]]))


async def words(context: Context) -> None:
    """What is typed after Buscar. A file, or a long text, is no question: it is taken as a message."""
    content = context.content
    if content is None or content.file is not None or not 0 < len(one_line(content.text)) <= SUBJECT_LIMIT:
        conversations.go(context.conversation, Step.MENU)
        await replies.out_of_the_blue(context)
        return
    await _look(context, content.text)


async def turn(context: Context) -> None:
    """Another page of a result, or its filters changed."""
    assert context.tapped is not None
    wanted, states, period, *place = context.tapped.arguments
    kept = await searches.kept(context.session, context.person, int(wanted))
    if kept is None:
        await context.answer_tap(context.t("This search was long ago: write the words once more."), alert=True)
        await ask(context)
        return
    where = {place[0]: int(place[1])} if len(place) == 2 else {}
    await _show(context, kept, states, period, before=where.get("before", 0), after=where.get("after", 0))


async def _look(context: Context, wanted: str) -> None:
    conversations.go(context.conversation, Step.MENU)
    asked = _read(context, wanted)
    if asked.number is not None and await _is_here(context, asked.number):
        await ticket_screen.show(context, asked.number)
        return
    kept = await searches.keep(context.session, context.person, one_line(wanted))
    await _show(context, kept, AS_TYPED, AS_TYPED)


def _today(context: Context) -> date:
    return now().astimezone(context.office.t.timezone).date()


def _read(context: Context, wanted: str) -> Asked:
    return asking.read(wanted, now=now().astimezone(context.office.t.timezone))


async def _is_here(context: Context, number: int) -> bool:
    try:
        await tickets.of_customer(context.session, context.person, number)
    except NotFoundError:
        return False
    return True


async def _show(context: Context, kept: Search, states: str, period: str, *, before: int = 0, after: int = 0) -> None:
    """The tickets found, a button for each, or kind words and ways on."""
    asked = _filtered(context, _read(context, kept.text), states, period)
    found = await search.find(
        context.session,
        search.TICKETS,
        asked,
        eyes=search.customer(context.person, context.bound),
        zone=context.office.t.timezone,
        size=tickets.PAGE,
        before=before,
        after=after,
    )
    if not found.tickets and context.tapped is None:
        conversations.go(context.conversation, Step.SEARCH)
    html = telegram.page(
        "search",
        context.t,
        words=kept.text,
        company=context.bound.company.name,
        filters=_filter_words(context, asked),
        items=[(ticket, found.reasons.get(ticket.number)) for ticket in found.tickets],
        states=STATE_WORDS,
        number=_as_number(kept.text),
    )
    rows = [*_tickets(context, found.tickets), *_ways_on(context, kept, states, period, found)]
    await context.replace(telegram.message(html, rows))


def _as_number(text: str) -> str:
    """The digits of what can only be a ticket's number, however large."""
    digits = text.strip().removeprefix("#")
    return digits if digits.isascii() and digits.isdigit() else ""


def _filtered(context: Context, asked: Asked, states: str, period: str) -> Asked:
    """A button's choice stands in the place of what was typed about the same."""
    today = _today(context)
    if states != AS_TYPED:
        asked = replace(asked, states=STATES[states][1] if states in STATES else None)
    if period != AS_TYPED:
        asked = replace(asked, opened=PERIODS[period][1](today) if period in PERIODS else None)
    return asked


def _filter_words(context: Context, asked: Asked) -> list[str]:
    t, said = context.t, []
    if asked.states is not None:
        known = {states: label for label, states in STATES.values()}
        label = known.get(asked.states)
        names = [label] if label else [STATE_WORDS[state] for state in State if state in asked.states]
        said.append(", ".join(t(name) for name in names))
    if asked.opened is not None:
        first, last = asked.opened.first, asked.opened.last
        values = {"first": f"{first:%d/%m/%Y}" if first else "", "last": f"{last:%d/%m/%Y}" if last else ""}
        if first == last:
            said.append(t("opened on %(first)s", **values))
        elif first and last:
            said.append(t("opened from %(first)s to %(last)s", **values))
        else:
            said.append(t("opened since %(first)s", **values) if first else t("opened until %(last)s", **values))
    return said


def _tickets(context: Context, found: Sequence[Ticket]) -> telegram.Rows:
    return [
        [
            Button(
                shorten(f"#{ticket.number} ({context.t(STATE_WORDS[ticket.state])}) {ticket.subject}", 60),
                data(Tap.TICKET, ticket.number),
            )
        ]
        for ticket in found
    ]


def _ways_on(context: Context, kept: Search, states: str, period: str, found: Found) -> telegram.Rows:
    """Neighbouring pages, filters (a chosen one says how to take it back), other words, a new ticket."""
    t = context.t
    turn_ = []
    if found.newer:
        turn_.append(Button(t("Previous"), data(Tap.FIND, kept.id, states, period, "after", found.newer)))
    if found.older:
        turn_.append(Button(t("Next"), data(Tap.FIND, kept.id, states, period, "before", found.older)))
    other = [Button(t("Search for something else"), data(Tap.SEARCH))]
    if not found.tickets:
        other.append(Button(t("New ticket"), data(Tap.NEW)))
    by_state = [
        Button(_label(context, label, chosen=name == states), data(Tap.FIND, kept.id, _toggled(name, states), period))
        for name, (label, _) in STATES.items()
    ]
    by_period = [
        Button(_label(context, label, chosen=name == period), data(Tap.FIND, kept.id, states, _toggled(name, period)))
        for name, (label, _) in PERIODS.items()
    ]
    return [turn_, by_state, by_period, other]


def _toggled(name: str, chosen: str) -> str:
    return ANY if name == chosen else name


def _label(context: Context, label: str, *, chosen: bool) -> str:
    return context.t("Not only: %(filter)s", filter=context.t(label)) if chosen else context.t(label)
