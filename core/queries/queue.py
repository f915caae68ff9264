"""The desk's queue: which tickets a technician asked to see, a page at a time, and who waits since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from core.db import Moment, ReadSession
from core.models import Company, Technician, Ticket
from core.queries.folding import contains_words
from core.queries.queue_rows import LAST_EVENT, TicketRow, rows
from core.queries.together import Answers, Question
from core.queries.wanted import ON_SHELF, Cursor, Order, Owner, Shelf, Wanted
from core.queries.written import at_most
from core.rules.identity import read_ruc
from core.rules.states import CLOSED, State, WaitingFor, waiting_for

PAGE = 50
COUNT_LIMIT = 99
COUNTED = (Shelf.NEW, Shelf.OPEN, Shelf.PENDING)
KEPT = 64  # statements of filters that were asked for last: putting one together costs more than running it


class Line(NamedTuple):
    """A ticket of the queue as a row, and who waits since when; for one that is closed, when it was."""

    ticket: TicketRow
    waiting_for: WaitingFor
    since: datetime


class Step(NamedTuple):
    """A question of a walk through the list, and what it is asked with."""

    question: Question[TicketRow]
    wanted: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``next``: what follows begins behind there; ``previous``: what comes before ends there; None: nothing."""

    lines: Sequence[Line]
    next: Cursor | None
    previous: Cursor | None = None


async def page(
    session: ReadSession, wanted: Wanted, *, actor: Technician, answers: Answers | None = None
) -> QueuePage:
    """The tickets asked for, in the order asked for. What comes before a full page is shown from the start.

    ``answers``: to what ``first`` asks, where it was asked beside something else.
    """
    found = await _walk(session, wanted, actor.id, limit=PAGE + 1, answers=answers)
    if wanted.before is not None and len(found) <= PAGE:
        wanted = wanted.from_the_start
        found = await _walk(session, wanted, actor.id, limit=PAGE + 1)
    shown = found[:PAGE] if wanted.before is None else found[PAGE - 1 :: -1]
    has_more = len(found) > PAGE
    is_in_the_middle = wanted.after is not None or wanted.before is not None
    return QueuePage(
        lines=[_line(ticket) for ticket in shown],
        next=place(shown[-1], wanted) if has_more or wanted.before is not None else None,
        previous=place(shown[0], wanted) if is_in_the_middle and shown else None,
    )


def first(wanted: Wanted, *, actor: Technician) -> Step:
    """What a page asks in any case: most of the time it is all of it."""
    return _steps(wanted, actor.id, limit=PAGE + 1)[0]


async def neighbour(session: ReadSession, wanted: Wanted, *, but: int, actor: Technician) -> TicketRow | None:
    """The ticket behind ``wanted.after``, or the one before ``wanted.before``, that has not the number ``but``."""
    found = await _walk(session, wanted, actor.id, limit=2)
    return next((ticket for ticket in found if ticket.number != but), None)


def place(ticket: TicketRow | Ticket, wanted: Wanted) -> Cursor:
    """Where it stands in the order asked for."""
    if wanted.is_by_urgency and ticket.urgent_at is not None:
        return Cursor(ticket.urgent_at, ticket.number)
    return Cursor(ticket.updated_at, ticket.number, rest=wanted.is_by_urgency)


async def count(session: ReadSession, wanted: Wanted, *, actor: Technician) -> int:
    """How many tickets the filters let through; COUNT_LIMIT + 1 means more than the limit."""
    return await session.scalar(_count(wanted, actor.id)) or 0


@lru_cache(KEPT)
def _count(wanted: Wanted, actor_id: int) -> Select[int]:
    some = select(Ticket.id).where(*_conditions(wanted, actor_id)).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some)


async def last_event(session: ReadSession, ticket: Ticket) -> int:
    """The id of the last thing that happened to the ticket, as its line has it; 0: nothing."""
    return await session.scalar(select(LAST_EVENT).where(Ticket.id == ticket.id)) or 0


def filtered(wanted: Wanted, *, actor: Technician) -> Select[Ticket]:
    """The tickets of the filters in no order, with all that a list shows of them."""
    query = select(Ticket).where(*_conditions(wanted, actor.id))
    return query.options(joinedload(Ticket.company), joinedload(Ticket.assignee), joinedload(Ticket.responsible))


def _rows(wanted: Wanted, actor_id: int) -> Select[*tuple[Any, ...]]:
    return rows().where(*_conditions(wanted, actor_id))


def shelf_counts() -> Sequence[ScalarSelect[int]]:
    """How many tickets are new, open and pending; COUNT_LIMIT + 1 means more than the limit."""
    some = (
        select(Ticket.id).where(Ticket.state.in_(ON_SHELF[shelf])).limit(at_most(COUNT_LIMIT + 1))
        for shelf in COUNTED
    )
    return [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in some]


def _conditions(wanted: Wanted, actor_id: int) -> list[ColumnElement[bool]]:
    owners: Mapping[Owner, ColumnElement[bool]] = {
        Owner.ALL: true(),
        Owner.MINE: Ticket.assignee_id == actor_id,
        Owner.NOBODY: Ticket.assignee_id.is_(None),
    }
    conditions = [_is_on(wanted.shelf), owners[wanted.owner]]
    if wanted.assignee_id is not None:
        conditions[1] = Ticket.assignee_id == wanted.assignee_id
    if wanted.service:
        conditions.append(Ticket.service == wanted.service)
    if wanted.product:
        conditions.append(Ticket.product == wanted.product)
    if wanted.company:
        conditions.append(_is_of(wanted.company))
    if wanted.responsible_id is not None:
        conditions.append(Ticket.responsible_id == wanted.responsible_id)
    if wanted.waiting:
        conditions.append(_is_waiting_for(wanted.waiting))
    return conditions


def _is_of(company: str) -> ColumnElement[bool]:
    """A whole RUC is one company, found by its index; anything else is looked for in all names and RUCs."""
    ruc = read_ruc(company)
    if ruc is not None:
        return Ticket.company_id == select(Company.id).where(Company.ruc == ruc).scalar_subquery()
    return Ticket.company_id.in_(select(Company.id).where(contains_words(company, Company.name, Company.ruc)))


def _is_on(shelf: Shelf) -> ColumnElement[bool]:
    """Of a shelf that holds nearly everything it is said what is not on it.

    The tickets are then walked in the order asked for, not gathered by their states and sorted.
    """
    if shelf is Shelf.ALL:
        return true()
    return Ticket.state.not_in(ON_SHELF[Shelf.ACTIVE]) if shelf is Shelf.CLOSED else Ticket.state.in_(ON_SHELF[shelf])


def _is_waiting_for(whom: WaitingFor) -> ColumnElement[bool]:
    """``core.rules.states.waiting_for`` as a condition; a test compares the two for every state."""
    customer = and_(Ticket.state == State.OPEN, ~Ticket.customer_spoke_last)
    conditions: Mapping[WaitingFor, ColumnElement[bool]] = {
        WaitingFor.CUSTOMER: customer,
        WaitingFor.DESK: and_(Ticket.state.not_in(CLOSED), ~customer),
        WaitingFor.NONE: Ticket.state.in_(CLOSED),
    }
    return conditions[whom]


class _Part(StrEnum):
    """What a list is walked through: by urgency what waits for the desk and then the rest, else all by its change."""

    WAITING = "waiting"
    REST = "rest"
    LATEST = "latest"
    OLDEST = "oldest"


async def _walk(
    session: ReadSession, wanted: Wanted, actor_id: int, *, limit: int, answers: Answers | None = None
) -> Sequence[TicketRow]:
    """At most so many from the place asked for on; before it, the nearest comes first."""
    (question, begun), *others = _steps(wanted, actor_id, limit=limit)
    tickets = [*(answers[question] if answers else await question.ask(session, **begun))]
    for question, begun in others:
        if len(tickets) < limit:
            tickets += await question.ask(session, **begun)
    return tickets[:limit]


def _steps(wanted: Wanted, actor_id: int, *, limit: int) -> Sequence[Step]:
    cursor, is_back = wanted.before or wanted.after, wanted.before is not None
    if wanted.is_by_urgency:
        parts = [_Part.REST, _Part.WAITING] if is_back else [_Part.WAITING, _Part.REST]
        begun = _Part.REST if cursor is not None and cursor.rest else _Part.WAITING
        parts = parts[parts.index(begun) :] if cursor is not None else parts
    else:
        begun = _Part.OLDEST if wanted.order is Order.OLDEST else _Part.LATEST
        parts = [begun]
    start = wanted.from_the_start
    steps = [
        Step(
            _question(start, actor_id, part, limit, is_back=is_back, has_begun=cursor is not None and part is begun),
            {},
        )
        for part in parts
    ]
    if cursor is not None:
        steps[0] = Step(steps[0].question, {"place_at": cursor.at, "place_number": cursor.number})
    return steps


@lru_cache(KEPT)
def _question(
    wanted: Wanted, actor_id: int, part: _Part, limit: int, *, is_back: bool, has_begun: bool
) -> Question[TicketRow]:
    """The same for every page: the place is bound when it is asked."""
    is_urgent = part in {_Part.WAITING, _Part.REST}
    query = _rows(_open(wanted) if is_urgent else wanted, actor_id)
    if part is _Part.WAITING:
        query = query.where(Ticket.urgent_at.is_not(None))
    if part is _Part.REST:
        query = query.where(Ticket.state == State.OPEN, Ticket.urgent_at.is_(None))
    column = Ticket.urgent_at if part is _Part.WAITING else Ticket.updated_at
    is_falling = (part in {_Part.REST, _Part.LATEST}) is not is_back
    if has_begun:
        query = query.where((_before if is_falling else _behind)(column))
    order = (column.desc(), Ticket.number.desc()) if is_falling else (column, Ticket.number)
    return Question(TicketRow, query.order_by(*order).limit(at_most(limit)))


def _open(wanted: Wanted) -> Wanted:
    """Without the condition that the ticket is not closed: what is urgent or open is not."""
    return replace(wanted, shelf=Shelf.ALL) if wanted.shelf is Shelf.ACTIVE else wanted


_AT, _NUMBER = bindparam("place_at", type_=Moment()), bindparam("place_number", type_=Integer())


def _behind(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return or_(column > _AT, and_(column == _AT, Ticket.number > _NUMBER))


def _before(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return or_(column < _AT, and_(column == _AT, Ticket.number < _NUMBER))


def _line(ticket: TicketRow) -> Line:
    waiting = waiting_for(ticket.state, last_author_is_customer=ticket.customer_spoke_last)
    return Line(ticket, waiting, ticket.updated_at if ticket.state in CLOSED else ticket.turn_at or ticket.created_at)
