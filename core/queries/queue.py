"""The desk's queue: which tickets a technician asked to see, a page at a time, and who waits since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from core.db import ReadSession
from core.models import Company, Technician, Ticket
from core.queries.folding import contains_words
from core.queries.queue_rows import LAST_EVENT, TicketRow, rows
from core.queries.together import Question
from core.rules.identity import read_ruc
from core.rules.services import Service
from core.rules.states import CLOSED, State, WaitingFor, waiting_for

PAGE = 50
COUNT_LIMIT = 99
KEPT = 64  # statements of filters that were asked for last: putting one together costs more than running it


class Shelf(StrEnum):
    """The tabs of the queue."""

    ACTIVE = "active"
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """Urgent: who has waited longest for the desk, what is pending by its date, then what customers owe."""

    URGENT = "urgent"
    LATEST = "latest"
    OLDEST = "oldest"


class Owner(StrEnum):
    ALL = "all"
    MINE = "mine"
    NOBODY = "nobody"


ON_SHELF: Mapping[Shelf, frozenset[State]] = {
    Shelf.ACTIVE: frozenset({State.NEW, State.OPEN, State.PENDING}),
    Shelf.NEW: frozenset({State.NEW}),
    Shelf.OPEN: frozenset({State.OPEN}),
    Shelf.PENDING: frozenset({State.PENDING}),
    Shelf.CLOSED: CLOSED,
    Shelf.ALL: frozenset(State),
}


COUNTED = (Shelf.NEW, Shelf.OPEN, Shelf.PENDING)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last ticket's moment in the order and its number; ``rest``: nothing urgent was left."""

    at: datetime
    number: int
    rest: bool = False

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.number}{'-rest' if self.rest else ''}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Read what ``str`` wrote; anything else is no cursor."""
        at, _, number = text.removesuffix("-rest").partition("-")
        if not (at.isascii() and at.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(at) > 16 or len(number) > 9:
            return None
        seconds, micros = divmod(int(at), 1_000_000)
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
        return cls(moment, int(number), rest=text.endswith("-rest"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue shows; ``assignee_id`` goes before ``owner``, ``company`` is a RUC or words of name or RUC."""

    shelf: Shelf = Shelf.ACTIVE
    owner: Owner = Owner.ALL
    assignee_id: int | None = None
    service: Service | None = None
    product: str = ""
    company: str = ""
    waiting: WaitingFor | None = None
    responsible_id: int | None = None
    order: Order = Order.URGENT
    after: Cursor | None = None

    @property
    def is_by_urgency(self) -> bool:
        """Closed tickets are not urgent."""
        return self.order is Order.URGENT and self.shelf not in {Shelf.CLOSED, Shelf.ALL}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen beside the shelf and the page."""
        return replace(self, after=None) != Wanted(shelf=self.shelf)


class Line(NamedTuple):
    """A ticket of the queue as a row, and who waits since when; for one that is closed, when it was."""

    ticket: TicketRow
    waiting_for: WaitingFor
    since: datetime


@dataclass(frozen=True, slots=True)
class QueuePage:
    lines: Sequence[Line]
    next: Cursor | None


async def page(session: ReadSession, wanted: Wanted, *, actor: Technician) -> QueuePage:
    """The tickets asked for, in the order asked for."""
    by_urgency = wanted.is_by_urgency
    tickets = await (_urgent if by_urgency else _by_change)(session, wanted, actor.id)
    shown = tickets[:PAGE]
    return QueuePage(
        lines=[_line(ticket) for ticket in shown],
        next=_cursor(shown[-1], by_urgency=by_urgency) if len(tickets) > PAGE else None,
    )


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
    some = (select(Ticket.id).where(Ticket.state.in_(ON_SHELF[shelf])).limit(COUNT_LIMIT + 1) for shelf in COUNTED)
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


async def _urgent(session: ReadSession, wanted: Wanted, actor_id: int) -> Sequence[TicketRow]:
    """At most a page and one more: first what waits for the desk, then the rest, what changed last first."""
    tickets = list[TicketRow]()
    if wanted.after is None or not wanted.after.rest:
        tickets += await _waiting(wanted, actor_id).ask(session)
    if len(tickets) <= PAGE:
        tickets += await _rest(wanted, actor_id).ask(session, left=PAGE + 1 - len(tickets))
    return tickets


def _open(wanted: Wanted) -> Wanted:
    """Without the condition that the ticket is not closed: what is urgent or open is not."""
    return replace(wanted, shelf=Shelf.ALL) if wanted.shelf is Shelf.ACTIVE else wanted


@lru_cache(KEPT)
def _waiting(wanted: Wanted, actor_id: int) -> Question[TicketRow]:
    """What waits for the desk, who has waited longest first."""
    query = _rows(_open(wanted), actor_id).where(Ticket.urgent_at.is_not(None))
    if wanted.after is not None:
        query = query.where(_behind(Ticket.urgent_at, wanted.after))
    return Question(TicketRow, query.order_by(Ticket.urgent_at, Ticket.number).limit(PAGE + 1))


@lru_cache(KEPT)
def _rest(wanted: Wanted, actor_id: int) -> Question[TicketRow]:
    """What customers owe, what changed last first."""
    query = _rows(_open(wanted), actor_id).where(Ticket.state == State.OPEN, Ticket.urgent_at.is_(None))
    if wanted.after is not None and wanted.after.rest:
        query = query.where(_before(Ticket.updated_at, wanted.after))
    query = query.order_by(Ticket.updated_at.desc(), Ticket.number.desc())
    return Question(TicketRow, query.limit(bindparam("left", type_=Integer())))


async def _by_change(session: ReadSession, wanted: Wanted, actor_id: int) -> Sequence[TicketRow]:
    return await _changed(wanted, actor_id).ask(session)


@lru_cache(KEPT)
def _changed(wanted: Wanted, actor_id: int) -> Question[TicketRow]:
    query, is_oldest = _rows(wanted, actor_id), wanted.order is Order.OLDEST
    if wanted.after is not None:
        query = query.where((_behind if is_oldest else _before)(Ticket.updated_at, wanted.after))
    if is_oldest:
        query = query.order_by(Ticket.updated_at, Ticket.number)
    else:
        query = query.order_by(Ticket.updated_at.desc(), Ticket.number.desc())
    return Question(TicketRow, query.limit(PAGE + 1))


def _behind(column: InstrumentedAttribute[Any], cursor: Cursor) -> ColumnElement[bool]:
    return or_(column > cursor.at, and_(column == cursor.at, Ticket.number > cursor.number))


def _before(column: InstrumentedAttribute[Any], cursor: Cursor) -> ColumnElement[bool]:
    return or_(column < cursor.at, and_(column == cursor.at, Ticket.number < cursor.number))


def _cursor(last: TicketRow, *, by_urgency: bool) -> Cursor:
    if by_urgency and last.urgent_at is not None:
        return Cursor(last.urgent_at, last.number)
    return Cursor(last.updated_at, last.number, rest=by_urgency)


def _line(ticket: TicketRow) -> Line:
    waiting = waiting_for(ticket.state, last_author_is_customer=ticket.customer_spoke_last)
    return Line(ticket, waiting, ticket.updated_at if ticket.state in CLOSED else ticket.turn_at or ticket.created_at)
