"""Timers that run, corrections of recorded minutes, and minutes no closing has accounted for yet."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.models import Technician, Ticket, TimeCorrection, TimeEntry, Timer
from core.rules.states import CLOSED


async def of_ticket(session: ReadSession, ticket: Ticket) -> Sequence[Timer]:
    """The timers that run on the ticket, oldest first."""
    query = select(Timer).where(Timer.ticket_id == ticket.id).options(joinedload(Timer.technician))
    return (await session.scalars(query.order_by(Timer.id))).all()


async def of_technician(session: ReadSession, technician: Technician) -> Sequence[Timer]:
    """The technician's own running timers, oldest first."""
    return (await session.scalars(_of_technician(), {"technician_id": technician.id})).all()


@cache
def _of_technician() -> Select[Timer]:
    """Asked for every page, so it is put together once."""
    query = select(Timer).where(Timer.technician_id == bindparam("technician_id")).options(joinedload(Timer.ticket))
    return query.order_by(Timer.id)


async def entries(session: ReadSession, ticket: Ticket) -> Sequence[TimeEntry]:
    """The minutes recorded since the ticket was last opened, oldest first."""
    query = select(TimeEntry).where(TimeEntry.ticket_id == ticket.id, TimeEntry.at >= ticket.reopened_at)
    return (await session.scalars(query.options(joinedload(TimeEntry.technician)).order_by(TimeEntry.id))).all()


async def corrections(session: ReadSession, entries: Sequence[TimeEntry]) -> Mapping[int, Sequence[TimeCorrection]]:
    """The trail of each corrected entry, oldest first, by the entry's id."""
    query = (
        select(TimeCorrection)
        .where(TimeCorrection.entry_id.in_([entry.id for entry in entries]))
        .options(joinedload(TimeCorrection.technician))
        .order_by(TimeCorrection.id)
    )
    found: defaultdict[int, list[TimeCorrection]] = defaultdict(list)
    for correction in await session.scalars(query):
        found[correction.entry_id].append(correction)
    return found


async def unaccounted(session: ReadSession, company_id: int | None = None) -> Mapping[int, int]:
    """Minutes recorded on open tickets since they were last opened, by company: no closing has charged them yet."""
    of_company = Ticket.company_id == company_id if company_id is not None else true()
    rows = await session.execute(
        select(Ticket.company_id, func.sum(TimeEntry.minutes))
        .join(TimeEntry, TimeEntry.ticket_id == Ticket.id)
        .where(
            Ticket.state.not_in(CLOSED),
            TimeEntry.at >= Ticket.reopened_at,
            of_company,
        )
        .group_by(Ticket.company_id)
    )
    return {company_id: int(minutes) for company_id, minutes in rows}
