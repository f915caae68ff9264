"""A company's statement of one month: both accounts with their balances, and the technical hours issued."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from core.clock import now
from core.db import ReadSession
from core.models import Company, LedgerLine, TechnicalHour, Technician, Ticket, TicketClosure
from core.queries import billing
from core.queries.ledger import is_withdrawn
from core.render.statement import AccountMonth, Line, MonthHour, Statement
from core.rules.ledger import Account
from core.rules.periods import Period, Step, period


async def read(session: ReadSession, company: Company, span: Period) -> Statement:
    """What moved in the span, and the balances before and after it."""
    opening = await _balances(session, company.id, before=span.start)
    lines = await _lines(session, company.id, span, opening)
    return Statement(
        company=company.name,
        ruc=company.ruc,
        period=span,
        purchased=_account(Account.PURCHASED, opening.get(Account.PURCHASED), lines[Account.PURCHASED]),
        bag=_account(Account.BAG, opening.get(Account.BAG, 0), lines[Account.BAG]),
        hours=await _hours(session, company, span),
        at=now(),
    )


async def months(session: ReadSession, company_id: int, zone: ZoneInfo) -> Sequence[date]:
    """The first date of each month from the first movement to this one, newest first; this one at least."""
    today = now().astimezone(zone).date()
    first = await session.scalar(select(func.min(LedgerLine.at)).where(LedgerLine.company_id == company_id))
    begun = first.astimezone(zone).date().replace(day=1) if first else today
    return period(begun, today, zone).steps(Step.MONTH)[::-1]


async def _balances(session: ReadSession, company_id: int, *, before: datetime) -> Mapping[Account, int]:
    rows = await session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.minutes))
        .where(LedgerLine.company_id == company_id, LedgerLine.at < before)
        .group_by(LedgerLine.account)
    )
    return {account: int(minutes) for account, minutes in rows}


async def _lines(
    session: ReadSession, company_id: int, span: Period, opening: Mapping[Account, int]
) -> Mapping[Account, Sequence[Line]]:
    purchase = aliased(LedgerLine)  # what an expiry takes from
    rows = await session.execute(
        select(
            LedgerLine,
            Ticket.number,
            TicketClosure.closure,
            TechnicalHour.number,
            Technician.name,
            func.coalesce(purchase.reference, ""),
        )
        .outerjoin(TicketClosure, TicketClosure.id == LedgerLine.closure_id)
        .outerjoin(Ticket, Ticket.id == TicketClosure.ticket_id)
        .outerjoin(TechnicalHour, TechnicalHour.id == LedgerLine.technical_hour_id)
        .outerjoin(Technician, Technician.id == LedgerLine.technician_id)
        .outerjoin(purchase, purchase.id == LedgerLine.purchase_id)
        .where(LedgerLine.company_id == company_id, LedgerLine.at >= span.start, LedgerLine.at < span.end)
        .order_by(LedgerLine.at, LedgerLine.id)
    )
    balance = {account: opening.get(account, 0) for account in Account}
    found: dict[Account, list[Line]] = {account: [] for account in Account}
    for line, ticket, closure, hour, technician, purchased_with in rows:
        balance[line.account] += line.minutes
        found[line.account].append(
            Line(
                id=line.id,
                at=line.at,
                kind=line.kind,
                minutes=line.minutes,
                balance=balance[line.account],
                ticket=ticket,
                closure=closure,
                hour=hour,
                reference=line.reference or purchased_with,
                technician=technician,
            )
        )
    return found


def _account(account: Account, opening: int | None, lines: Sequence[Line]) -> AccountMonth:
    return AccountMonth(account, opening, lines, lines[-1].balance if lines else opening)


async def _hours(session: ReadSession, company: Company, span: Period) -> Sequence[MonthHour]:
    rows = await session.execute(
        select(TechnicalHour, is_withdrawn())
        .where(
            TechnicalHour.company_id == company.id,
            TechnicalHour.issued_at >= span.start,
            TechnicalHour.issued_at < span.end,
        )
        .order_by(TechnicalHour.number)
    )
    withdrawn = {hour: bool(is_gone) for hour, is_gone in rows}
    return [
        MonthHour(
            number=found.hour.number,
            issued_at=found.hour.issued_at,
            tickets=found.tickets,
            invoice=found.invoicing.reference if found.invoicing else "",
            is_withdrawn=withdrawn[found.hour],
        )
        for found in await billing.lines(session, [(hour, company) for hour in withdrawn])
    ]
