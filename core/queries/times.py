"""Timers that run, corrections of recorded minutes, and minutes no closing has accounted for yet."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, exists, func, select, true, union_all
from sqlalchemy.orm import aliased, joinedload

from core.db import Moment, ReadSession
from core.models import LedgerLine, Technician, Ticket, TicketClosure, TimeCorrection, TimeEntry, Timer
from core.rules.closures import FREE
from core.rules.ledger import LineKind
from core.rules.states import UNDER_WAY


async def of_ticket(session: ReadSession, ticket: Ticket) -> Sequence[Timer]:
    """The timers that run on the ticket, oldest first."""
    return (await session.scalars(_of_ticket(), {"ticket_id": ticket.id})).all()


@cache
def _of_ticket() -> Select[Timer]:
    query = select(Timer).where(Timer.ticket_id == bindparam("ticket_id")).options(joinedload(Timer.technician))
    return query.order_by(Timer.id)


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
    return (await session.scalars(_entries(), {"ticket_id": ticket.id, "since": ticket.reopened_at})).all()


@cache
def _entries() -> Select[TimeEntry]:
    since = TimeEntry.at >= bindparam("since", type_=Moment())
    query = select(TimeEntry).where(TimeEntry.ticket_id == bindparam("ticket_id"), since)
    return query.options(joinedload(TimeEntry.technician)).order_by(TimeEntry.id)


async def corrections(session: ReadSession, entries: Sequence[TimeEntry]) -> Mapping[int, Sequence[TimeCorrection]]:
    """The trail of each corrected entry, oldest first, by the entry's id."""
    found: defaultdict[int, list[TimeCorrection]] = defaultdict(list)
    if not entries:
        return found
    query = (
        select(TimeCorrection)
        .where(TimeCorrection.entry_id.in_([entry.id for entry in entries]))
        .options(joinedload(TimeCorrection.technician))
        .order_by(TimeCorrection.id)
    )
    for correction in await session.scalars(query):
        found[correction.entry_id].append(correction)
    return found


async def unaccounted(session: ReadSession, company_ids: Collection[int]) -> Mapping[int, int]:
    """Minutes of open tickets that no closing charges yet, by company; of these.

    They were recorded since the ticket was last opened, or charged by a closing that a reopening took back.
    """
    minutes = _unaccounted(Ticket.company_id.in_(company_ids))
    query = select(minutes.c.company_id, func.sum(minutes.c.minutes)).group_by(minutes.c.company_id)
    return {owner: int(total) for owner, total in await session.execute(query)}


def with_unaccounted() -> Select[int]:
    """The ids of the companies that have such minutes."""
    return select(_unaccounted().c.company_id)


def unaccounted_of() -> Select[int]:
    """The same of one company, asked with ``company_id``."""
    return select(func.sum(_unaccounted(Ticket.company_id == bindparam("company_id")).c.minutes))


def _unaccounted(of_whom: ColumnElement[bool] | None = None) -> Subquery:
    open_ones = is_under_way() & (true() if of_whom is None else of_whom)
    recorded = select(Ticket.company_id, TimeEntry.minutes).join(TimeEntry, TimeEntry.ticket_id == Ticket.id)
    carried = select(Ticket.company_id, TicketClosure.real_minutes).join(
        TicketClosure, TicketClosure.ticket_id == Ticket.id
    )
    return union_all(
        recorded.where(open_ones, TimeEntry.at >= Ticket.reopened_at), carried.where(open_ones, is_carried())
    ).subquery()


def is_under_way() -> ColumnElement[bool]:
    """Written out, not as parameters: only then does SQLite see that its partial index fits.

    Of a company with thousands of closed tickets only the few open ones are looked at.
    """
    return Ticket.state.in_(bindparam("under_way", UNDER_WAY, expanding=True, literal_execute=True))


def is_carried(*, without: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Whether a closing charged, a reopening took it back, and no reclassification replaced it.

    A later closing that charged nothing has settled it. ``without``: as if there were no closing of this id.
    """
    settling = aliased(TicketClosure)
    there = true() if without is None else settling.id != without
    is_reversed = exists().where(LedgerLine.closure_id == TicketClosure.id, LedgerLine.kind == LineKind.REVERSAL)
    is_settled = exists().where(
        settling.ticket_id == TicketClosure.ticket_id,
        settling.number > TicketClosure.number,
        settling.closure.in_(FREE),
        ~_is_replaced(settling),
        there,
    )
    stays = true() if without is None else TicketClosure.id != without
    return is_reversed & stays & ~_is_replaced(TicketClosure) & ~is_settled


def _is_replaced(closure: type[TicketClosure]) -> ColumnElement[bool]:
    successor = aliased(TicketClosure)
    return exists().where(successor.replaces_id == closure.id)
