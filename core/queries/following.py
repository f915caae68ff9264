"""What follows a ticket: its closings with reports and ratings, and the tickets that go on with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import Person, Rating, Report, Ticket, TicketClosure, TicketLink
from core.rules.ratings import LOW


async def closure_of(session: ReadSession, ticket: Ticket, number: int) -> TicketClosure:
    """The n-th closing. Raises NotFoundError."""
    found = await session.scalar(
        select(TicketClosure).where(TicketClosure.ticket_id == ticket.id, TicketClosure.number == number)
    )
    if found is None:
        raise NotFoundError
    return found


async def report_of(session: ReadSession, ticket: Ticket, number: int) -> Report:
    """The report of the n-th closing, of the latest for 0. Raises NotFoundError."""
    found = await session.scalar(
        select(Report)
        .join(TicketClosure, TicketClosure.id == Report.closure_id)
        .where(TicketClosure.ticket_id == ticket.id, TicketClosure.number == (number or ticket.closures_count))
    )
    if found is None:
        raise NotFoundError
    return found


async def rating_of(session: ReadSession, closure: TicketClosure) -> Rating | None:
    return await session.scalar(select(Rating).where(Rating.closure_id == closure.id))


async def own_rating(session: ReadSession, person: Person, rating_id: int) -> Rating | None:
    """The rating, where this person gave it, with its closing and ticket."""
    query = (
        select(Rating)
        .where(Rating.id == rating_id, Rating.person_id == person.id)
        .options(joinedload(Rating.closure).joinedload(TicketClosure.ticket))
    )
    return await session.scalar(query)


async def linked(
    session: ReadSession, ticket: Ticket, *, seen: ColumnElement[bool] | None = None
) -> Sequence[Ticket]:
    """The ticket this one goes on with and those that go on with it, the oldest first; ``seen`` narrows them."""
    query = (
        select(Ticket)
        .where(or_(Ticket.id == ticket.continues_id, Ticket.continues_id == ticket.id))
        .where(true() if seen is None else seen)
        .order_by(Ticket.number)
    )
    return (await session.scalars(query)).all()


async def by_hand(session: ReadSession, ticket: Ticket) -> Sequence[Ticket]:
    """Tickets a technician linked with this one, with their companies, the oldest first: for the desk only."""
    ours = select(TicketLink.other_id).where(TicketLink.ticket_id == ticket.id)
    theirs = select(TicketLink.ticket_id).where(TicketLink.other_id == ticket.id)
    query = select(Ticket).where(Ticket.id.in_(ours.union_all(theirs))).options(joinedload(Ticket.company))
    return (await session.scalars(query.order_by(Ticket.number))).all()


async def merged_here(session: ReadSession, ticket: Ticket) -> Sequence[Ticket]:
    """The tickets that became part of this one."""
    return (
        await session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.number))
    ).all()


async def merged_into(session: ReadSession, ticket: Ticket) -> Ticket | None:
    """Where a merged ticket goes on."""
    if ticket.merged_into_id is None:
        return None
    return await session.scalar(select(Ticket).where(Ticket.id == ticket.merged_into_id))


async def low_ratings(session: ReadSession, *, since: datetime, limit: int) -> Sequence[Rating]:
    """The bad ratings since then with closing, ticket, company and person, the latest first."""
    query = (
        select(Rating)
        .join(Rating.closure)
        .join(TicketClosure.ticket)
        .join(Ticket.company)
        .where(Rating.stars <= LOW, Rating.at >= since)
        .options(
            contains_eager(Rating.closure).contains_eager(TicketClosure.ticket).contains_eager(Ticket.company),
            joinedload(Rating.person),
        )
        .order_by(Rating.at.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()
