"""A company's account as its people read it: hours left, the bag, technical hours, the last movements."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from core.db import ReadSession
from core.models import LedgerLine, TechnicalHour, Ticket, TicketClosure
from core.queries.ledger import Balances, balances, is_invoiced, is_withdrawn
from core.render.account import Movement

PAGE = 8


@dataclass(frozen=True)
class Hours:
    """Technical hours that stand: how many were issued, how many of these are on an invoice."""

    issued: int
    invoiced: int


@dataclass(frozen=True)
class Movements:
    """A page, newest first; ``newer``/``older`` are the ids to page from, 0 where there is no more."""

    lines: Sequence[Movement]
    newer: int
    older: int


@dataclass(frozen=True)
class Statement:
    balances: Balances
    hours: Hours
    movements: Movements


async def statement(session: ReadSession, company_id: int, *, before: int = 0, after: int = 0) -> Statement:
    """The account with one page of movements: those before an id, those after one, or the newest."""
    return Statement(
        balances=await balances(session, company_id),
        hours=await _hours(session, company_id),
        movements=await _movements(session, company_id, before=before, after=after),
    )


async def _hours(session: ReadSession, company_id: int) -> Hours:
    stands = select(func.count(TechnicalHour.id)).where(TechnicalHour.company_id == company_id, ~is_withdrawn())
    issued, invoiced = await session.scalar(stands), await session.scalar(stands.where(is_invoiced()))
    return Hours(issued or 0, invoiced or 0)


async def _movements(session: ReadSession, company_id: int, *, before: int, after: int) -> Movements:
    query = (
        select(
            LedgerLine.id,
            LedgerLine.at,
            LedgerLine.account,
            LedgerLine.kind,
            LedgerLine.minutes,
            Ticket.number,
            TechnicalHour.number,
        )
        .outerjoin(TicketClosure, TicketClosure.id == LedgerLine.closure_id)
        .outerjoin(Ticket, Ticket.id == TicketClosure.ticket_id)
        .outerjoin(TechnicalHour, TechnicalHour.id == LedgerLine.technical_hour_id)
        .where(LedgerLine.company_id == company_id)
        .limit(PAGE + 1)
    )
    if after:
        rows = (await session.execute(query.where(LedgerLine.id > after).order_by(LedgerLine.id))).all()
        found = [Movement(*row) for row in reversed(rows[:PAGE])]
        has_newer, has_older = len(rows) > PAGE, True
    else:
        older = query.where(LedgerLine.id < before) if before else query
        rows = (await session.execute(older.order_by(LedgerLine.id.desc()))).all()
        found = [Movement(*row) for row in rows[:PAGE]]
        has_newer, has_older = bool(before), len(rows) > PAGE
    return Movements(
        found,
        newer=found[0].id if found and has_newer else 0,
        older=found[-1].id if found and has_older else 0,
    )
