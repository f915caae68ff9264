"""The desk's queue: which tickets a technician asked to see, a page at a time, and who waits since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.models import Article, ArticleKind, Company, Person, ResetRequest, Technician, Ticket
from core.rules.services import Service
from core.rules.states import CLOSED, State, WaitingFor, waiting_for

PAGE = 50
COUNT_LIMIT = 99
RESET_REQUESTS_SHOWN = timedelta(days=7)  # a request nobody needs any more goes away by itself


class Shelf(StrEnum):
    """The tabs of the queue."""

    ACTIVE = "active"
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"
    ALL = "all"


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


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last ticket's change and number."""

    updated_at: datetime
    number: int

    def __str__(self) -> str:
        return f"{int(self.updated_at.timestamp() * 1_000_000)}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Read what ``str`` wrote; anything else is no cursor."""
        at, _, number = text.partition("-")
        if not (at.isascii() and at.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(at) > 16 or len(number) > 9:
            return None
        seconds, micros = divmod(int(at), 1_000_000)
        return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), int(number))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue shows."""

    shelf: Shelf = Shelf.ACTIVE
    owner: Owner = Owner.ALL
    service: Service | None = None
    waiting: WaitingFor | None = None
    responsible_id: int | None = None
    oldest_first: bool = False
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket of the queue, and who waits since when."""

    ticket: Ticket
    waiting_for: WaitingFor
    since: datetime


@dataclass(frozen=True, slots=True)
class QueuePage:
    lines: Sequence[Line]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class ForgottenPassword:
    """An open "I forgot my password"; without a company the RUC is unknown."""

    ruc: str
    company: Company | None
    person: Person
    at: datetime


async def page(session: ReadSession, wanted: Wanted, *, actor: Technician) -> QueuePage:
    """The tickets asked for, latest change first unless the oldest are wanted."""
    query = _from_cursor(filtered(wanted, actor=actor), wanted)
    tickets = (await session.scalars(query.limit(PAGE + 1))).all()
    shown = tickets[:PAGE]
    since = await _since(session, shown)
    last = shown[-1] if len(tickets) > PAGE else None
    return QueuePage(
        lines=[Line(ticket, _waiting(ticket), since[ticket.id]) for ticket in shown],
        next=Cursor(last.updated_at, last.number) if last else None,
    )


def filtered(wanted: Wanted, *, actor: Technician) -> Select[Ticket]:
    """The tickets of the filters in no order, with all that a list shows of them."""
    query = select(Ticket).where(*_conditions(wanted, actor))
    return query.options(joinedload(Ticket.company), joinedload(Ticket.assignee), joinedload(Ticket.responsible))


async def counts(session: ReadSession) -> Mapping[Shelf, int]:
    """How many tickets are new, open and pending; COUNT_LIMIT + 1 means more than the limit."""
    counted = {}
    for shelf in (Shelf.NEW, Shelf.OPEN, Shelf.PENDING):
        some = select(Ticket.id).where(Ticket.state.in_(ON_SHELF[shelf])).limit(COUNT_LIMIT + 1).subquery()
        counted[shelf] = await session.scalar(select(func.count()).select_from(some)) or 0
    return counted


async def forgotten_passwords(session: ReadSession, *, at: datetime, limit: int = 10) -> Sequence[ForgottenPassword]:
    """The open requests of the last days, newest first."""
    rows = await session.execute(
        select(ResetRequest, Company)
        .outerjoin(Company, Company.ruc == ResetRequest.ruc)
        .where(ResetRequest.handled_at.is_(None), ResetRequest.at > at - RESET_REQUESTS_SHOWN)
        .options(joinedload(ResetRequest.person))
        .order_by(ResetRequest.at.desc())
        .limit(limit)
    )
    return [ForgottenPassword(request.ruc, company, request.person, request.at) for request, company in rows]


def _conditions(wanted: Wanted, actor: Technician) -> list[ColumnElement[bool]]:
    owners: Mapping[Owner, ColumnElement[bool]] = {
        Owner.ALL: true(),
        Owner.MINE: Ticket.assignee_id == actor.id,
        Owner.NOBODY: Ticket.assignee_id.is_(None),
    }
    conditions = [Ticket.state.in_(ON_SHELF[wanted.shelf]), owners[wanted.owner]]
    if wanted.service:
        conditions.append(Ticket.service == wanted.service)
    if wanted.responsible_id is not None:
        conditions.append(Ticket.responsible_id == wanted.responsible_id)
    if wanted.waiting:
        conditions.append(_is_waiting_for(wanted.waiting))
    return conditions


def _is_waiting_for(whom: WaitingFor) -> ColumnElement[bool]:
    """``core.rules.states.waiting_for`` as a condition; a test compares the two for every state."""
    customer = and_(Ticket.state == State.OPEN, ~Ticket.customer_spoke_last)
    conditions: Mapping[WaitingFor, ColumnElement[bool]] = {
        WaitingFor.CUSTOMER: customer,
        WaitingFor.DESK: and_(Ticket.state.not_in(CLOSED), ~customer),
        WaitingFor.NONE: Ticket.state.in_(CLOSED),
    }
    return conditions[whom]


def _from_cursor(query: Select[Ticket], wanted: Wanted) -> Select[Ticket]:
    cursor = wanted.after
    if wanted.oldest_first:
        query = query.order_by(Ticket.updated_at, Ticket.number)
        if cursor is None:
            return query
        later = and_(Ticket.updated_at == cursor.updated_at, Ticket.number > cursor.number)
        return query.where(or_(Ticket.updated_at > cursor.updated_at, later))
    query = query.order_by(Ticket.updated_at.desc(), Ticket.number.desc())
    if cursor is None:
        return query
    earlier = and_(Ticket.updated_at == cursor.updated_at, Ticket.number < cursor.number)
    return query.where(or_(Ticket.updated_at < cursor.updated_at, earlier))


def _waiting(ticket: Ticket) -> WaitingFor:
    return waiting_for(ticket.state, last_author_is_customer=ticket.customer_spoke_last)


async def _since(session: ReadSession, tickets: Sequence[Ticket]) -> dict[int, datetime]:
    """The customer waits since the first message nobody answered, the desk since its last answer."""
    ids = [ticket.id for ticket in tickets]
    spoken = (ArticleKind.REPLY, ArticleKind.REQUEST)
    answered = (
        select(Article.ticket_id, func.max(Article.created_at).label("at"))
        .where(Article.ticket_id.in_(ids), Article.kind.in_(spoken))
        .group_by(Article.ticket_id)
        .subquery()
    )
    unanswered = (
        select(Article.ticket_id, func.min(Article.created_at))
        .outerjoin(answered, answered.c.ticket_id == Article.ticket_id)
        .where(
            Article.ticket_id.in_(ids),
            Article.kind == ArticleKind.CUSTOMER,
            or_(answered.c.at.is_(None), Article.created_at > answered.c.at),
        )
        .group_by(Article.ticket_id)
    )
    answers = dict(list(await session.execute(select(answered.c.ticket_id, answered.c.at))))
    questions = dict(list(await session.execute(unanswered)))
    since = {}
    for ticket in tickets:
        own = answers if _waiting(ticket) is WaitingFor.CUSTOMER else questions
        fallback = ticket.updated_at if ticket.state in CLOSED else ticket.created_at
        since[ticket.id] = fallback if ticket.state in CLOSED else own.get(ticket.id, fallback)
    return since
