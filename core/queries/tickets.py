"""One ticket, and the tickets a customer may see."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import (
    FOR_CUSTOMERS,
    IN_FORCE,
    Article,
    Attachment,
    Binding,
    OutboxRow,
    Person,
    Ticket,
)
from core.rules.identity import Level, Sight, may_see
from core.rules.states import CLOSED, State

PAGE = 6
NUMBER_LIMIT = 2**31 - 1

Scope = Literal["own", "company"]

_SEE_COMPANY = [level for level in Level if may_see(level, Sight.COMPANY_TICKETS)]


@dataclass(frozen=True)
class Place:
    """A ticket's place in a list: those with an open request stand on top, the newest number first."""

    number: int
    is_asked: bool = False


@dataclass(frozen=True)
class Page:
    """A page of tickets; ``newer``/``older`` are the places to page from, None where there is no more."""

    tickets: Sequence[Ticket]
    newer: Place | None = None
    older: Place | None = None


async def by_number(session: ReadSession, number: int, *, lock: bool = False) -> Ticket:
    """The ticket with company, people and technicians loaded; ``lock`` takes it for this transaction."""
    ticket = await session.scalar(numbered(lock), {"number": number})
    if ticket is None:
        raise NotFoundError
    return ticket


@cache
def numbered(lock: bool = False) -> Select[Ticket]:
    """Asked for every page and form of a ticket with its ``number``, so it is put together once."""
    people = (Ticket.company, Ticket.opened_by, Ticket.assignee, Ticket.responsible)
    query = select(Ticket).where(Ticket.number == bindparam("number")).options(*map(joinedload, people))
    return (
        query.with_for_update(of=Ticket, key_share=True).execution_options(populate_existing=True) if lock else query
    )


async def beside(session: ReadSession, number: int, other: int) -> Ticket:
    """``by_number``, taken together with another ticket and with what became part of it.

    All in one order: two who do this to each other's ticket wait for each other, and never in a ring.
    """
    ours = select(Ticket.id).where(Ticket.number == number).scalar_subquery()
    both = or_(Ticket.number.in_([number, other]), Ticket.merged_into_id == ours)
    await session.execute(select(Ticket.id).where(both).order_by(Ticket.id).with_for_update(key_share=True))
    return await by_number(session, number, lock=True)


def visible(person: Person, binding: Binding, *, scope: Scope = "company") -> ColumnElement[bool]:
    """What a customer may see: the company's tickets when verified, else those opened from this chat."""
    of_company = Ticket.company_id == binding.company_id
    if scope == "company" and may_see(binding.level, Sight.COMPANY_TICKETS):
        return of_company
    return of_company & (Ticket.opened_by_id == person.id)


def is_readable(ticket: Ticket, bindings: Iterable[Binding]) -> bool:
    """``may_read`` of a ticket that is at hand, by one person's bindings in force."""
    return any(
        ticket.company_id == binding.company_id
        and (may_see(binding.level, Sight.COMPANY_TICKETS) or ticket.opened_by_id == binding.person_id)
        for binding in bindings
    )


async def locked(session: ReadSession, numbers: Collection[int]) -> dict[int, Ticket]:
    """Tickets taken for this transaction, as they stand now: number → ticket. In one order, against deadlocks."""
    if not numbers:
        return {}
    return {ticket.number: ticket for ticket in await session.scalars(_LOCKED, {"numbers": list(numbers)})}


_LOCKED = (
    select(Ticket)
    .where(Ticket.number.in_(bindparam("numbers", expanding=True)))
    .order_by(Ticket.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


async def of_customer(session: ReadSession, person: Person, number: int, *, lock: bool = False) -> Ticket:
    """One ticket as the customer may see it, whichever company is active; ``lock`` takes it for an article.

    Raises NotFoundError for a foreign one, too.
    """
    if number > NUMBER_LIMIT:
        raise NotFoundError  # typed by hand, and more than the database's integers hold
    query = (
        select(Ticket)
        .where(Ticket.number == number, may_read(person))
        .options(joinedload(Ticket.company), joinedload(Ticket.opened_by), joinedload(Ticket.assignee))
        .execution_options(populate_existing=lock)
    )
    if lock:
        query = query.with_for_update(of=Ticket, key_share=True)
    ticket = await session.scalar(query)
    if ticket is None:
        raise NotFoundError
    return ticket


async def of_person(session: ReadSession, person: Person, ticket_id: int, *, lock: bool = False) -> Ticket | None:
    """The ticket where the person may see it with any of the bindings in force; ``lock`` takes it for an article."""
    query = select(Ticket).where(Ticket.id == ticket_id, may_read(person))
    query = query.execution_options(populate_existing=lock)
    return await session.scalar(query.with_for_update(key_share=True) if lock else query)


def may_read(person: Person) -> ColumnElement[bool]:
    """Whether any binding in force shows the ticket to the person: ``visible`` for all companies at once."""
    return (
        exists()
        .where(
            Binding.person_id == person.id,
            Binding.company_id == Ticket.company_id,
            IN_FORCE,
            or_(Binding.level.in_(_SEE_COMPANY), Ticket.opened_by_id == person.id),
        )
        .correlate(Ticket)
    )


async def page_for(
    session: ReadSession,
    person: Person,
    binding: Binding,
    *,
    scope: Scope,
    closed: bool,
    before: Place | None = None,
    after: Place | None = None,
) -> Page:
    """A keyset page: the tickets below ``before``, or above ``after``, or the top of the list."""
    state = Ticket.state.in_(CLOSED) if closed else Ticket.state.not_in(CLOSED)
    query = select(Ticket).where(visible(person, binding, scope=scope), state)
    if after is not None:
        upwards = query.where(_above(after)).order_by(_IS_ASKED, Ticket.number).limit(PAGE + 1)
        found = (await session.scalars(upwards)).all()
        return _page(list(reversed(found[:PAGE])), has_newer=len(found) > PAGE, has_older=True)
    if before is not None:
        query = query.where(_below(before))
    downwards = query.order_by(_IS_ASKED.desc(), Ticket.number.desc()).limit(PAGE + 1)
    found = (await session.scalars(downwards)).all()
    return _page(list(found[:PAGE]), has_newer=before is not None, has_older=len(found) > PAGE)


_IS_ASKED = case((Ticket.request_id.is_not(None), 1), else_=0)


def _above(place: Place) -> ColumnElement[bool]:
    asked, higher = Ticket.request_id.is_not(None), Ticket.number > place.number
    return asked & higher if place.is_asked else asked | higher


def _below(place: Place) -> ColumnElement[bool]:
    unasked, lower = Ticket.request_id.is_(None), Ticket.number < place.number
    return unasked | lower if place.is_asked else unasked & lower


def _page(tickets: Sequence[Ticket], *, has_newer: bool, has_older: bool) -> Page:
    if not tickets:
        return Page(())
    return Page(
        tickets,
        newer=_place(tickets[0]) if has_newer else None,
        older=_place(tickets[-1]) if has_older else None,
    )


def _place(ticket: Ticket) -> Place:
    return Place(ticket.number, ticket.request_id is not None)


async def last_active(session: ReadSession, person: Person, binding: Binding, *, limit: int) -> Sequence[Ticket]:
    """Open tickets a loose message may belong to, the one last active first."""
    query = (
        select(Ticket)
        .where(visible(person, binding, scope="company"), Ticket.state.not_in(CLOSED))
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def latest_number(session: ReadSession, person: Person, binding: Binding) -> int:
    """The number of the ticket something happened to last, of those the customer sees; 0 where there is none."""
    query = (
        select(Ticket.number)
        .where(visible(person, binding, scope="company"))
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(1)
    )
    return await session.scalar(query) or 0


async def opened_since(session: ReadSession, person: Person, moment: datetime) -> int:
    """How many tickets this person has opened since then; what the desk opened on their behalf does not count."""
    own = (Ticket.opened_by_id == person.id) & Ticket.opened_by_technician_id.is_(None)
    query = select(func.count()).where(own, Ticket.created_at >= moment)
    return await session.scalar(query) or 0


async def has_any(session: ReadSession, binding: Binding) -> bool:
    """Whether the company ever had a ticket."""
    return await session.scalar(select(Ticket.id).where(Ticket.company_id == binding.company_id).limit(1)) is not None


async def articles(session: ReadSession, ticket: Ticket, *, with_notes: bool = False) -> Sequence[Article]:
    """The conversation in order, with authors and files. What customers do not see must be asked for."""
    query = (
        select(Article)
        .where(Article.ticket_id == ticket.id)
        .options(joinedload(Article.person), joinedload(Article.technician), selectinload(Article.attachments))
        .order_by(Article.position)
    )
    if not with_notes:
        query = query.where(FOR_CUSTOMERS)
    return (await session.scalars(query)).all()


async def file_of(session: ReadSession, ticket: Ticket, attachment_id: int) -> Attachment:
    """A file of the conversation a customer may see. Raises NotFoundError."""
    attachment = await session.scalar(
        select(Attachment)
        .join(Article, Article.id == Attachment.article_id)
        .where(Attachment.id == attachment_id, Article.ticket_id == ticket.id, FOR_CUSTOMERS)
    )
    if attachment is None:
        raise NotFoundError
    return attachment


async def ahead_of(session: ReadSession, ticket: Ticket) -> int:
    """How many tickets wait to be taken before this one."""
    waiting = select(func.count()).where(
        Ticket.state == State.NEW, Ticket.created_at < ticket.created_at, Ticket.id != ticket.id
    )
    return await session.scalar(waiting) or 0


async def of_messages(session: ReadSession, messages: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """What messages of ours were about: pairs of chat and message id → number of the ticket, where it goes on."""
    if not messages:
        return {}
    lanes = {str(chat) for chat, _ in messages}
    provider_ids = {str(message) for _, message in messages}
    found = await session.execute(_of_messages(), {"lanes": list(lanes), "provider_ids": list(provider_ids)})
    return {(int(lane), int(provider_id or 0)): number for lane, provider_id, number in found}


@cache
def _of_messages() -> Select[str, str | None, int]:
    target = aliased(Ticket)
    return (
        select(OutboxRow.lane, OutboxRow.provider_id, func.coalesce(target.number, Ticket.number))
        .join(Ticket, OutboxRow.ticket_id == Ticket.id)
        .outerjoin(target, target.id == Ticket.merged_into_id)
        .where(
            OutboxRow.provider_id.in_(bindparam("provider_ids", expanding=True)),
            OutboxRow.lane.in_(bindparam("lanes", expanding=True)),
        )
    )
