"""What may be invoiced: technical hours with the tickets that filled them, and every company's accounts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from core.db import ReadSession
from core.models import Company, Invoicing, LedgerLine, TechnicalHour, TechnicalHourPart, Ticket, TicketClosure
from core.queries import times
from core.queries.ledger import Balances, is_invoiced, is_withdrawn
from core.rules.ledger import Account

PAGE = 50


@dataclass(frozen=True, slots=True)
class HourLine:
    """A technical hour that stands, its company, and minutes by ticket number; ``invoicing`` while it is invoiced."""

    hour: TechnicalHour
    company: Company
    tickets: Sequence[tuple[int, int]]
    invoicing: Invoicing | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A company's two accounts in minutes, hours ready to be invoiced, and minutes of open tickets."""

    company: Company
    balances: Balances
    ready: int
    unaccounted: int


async def hours(
    session: ReadSession, *, invoiced: bool | None = None, below: int | None = None, size: int = PAGE
) -> tuple[list[HourLine], int | None]:
    """Technical hours that stand, the newest first, and the id to look below for the next page."""
    query = (
        select(TechnicalHour, Company)
        .join(Company, Company.id == TechnicalHour.company_id)
        .where(~is_withdrawn())
        .order_by(TechnicalHour.id.desc())
        .limit(size + 1)
    )
    if invoiced is not None:
        query = query.where(is_invoiced() if invoiced else ~is_invoiced())
    if below is not None:
        query = query.where(TechnicalHour.id < below)
    rows = [(hour, company) for hour, company in await session.execute(query)]
    more = rows[size - 1][0].id if len(rows) > size else None
    return await lines(session, rows[:size]), more


async def lines(session: ReadSession, rows: Sequence[tuple[TechnicalHour, Company]]) -> list[HourLine]:
    """The hours with everything a page shows of them."""
    ids = [hour.id for hour, _ in rows]
    tickets = await _tickets(session, ids)
    entries = await _invoicings(session, ids)
    return [HourLine(hour, company, tickets.get(hour.id, ()), entries.get(hour.id)) for hour, company in rows]


async def accounts(session: ReadSession) -> list[AccountLine]:
    """Every company that has a movement or minutes not accounted yet, by name."""
    sums = await session.execute(
        select(LedgerLine.company_id, LedgerLine.account, func.sum(LedgerLine.minutes)).group_by(
            LedgerLine.company_id, LedgerLine.account
        )
    )
    bags: dict[int, int] = {}
    purchased: dict[int, int] = {}
    for company_id, account, minutes in sums:
        (bags if account is Account.BAG else purchased)[company_id] = int(minutes)
    open_minutes = await times.unaccounted(session)
    ready = await session.execute(
        select(TechnicalHour.company_id, func.count())
        .where(~is_withdrawn(), ~is_invoiced())
        .group_by(TechnicalHour.company_id)
    )
    counts = dict(ready.all())
    moved = select(LedgerLine.company_id).distinct()
    query = select(Company).where(or_(Company.id.in_(moved), Company.id.in_(open_minutes))).order_by(Company.sort_key)
    return [
        AccountLine(
            company,
            Balances(bags.get(company.id, 0), purchased.get(company.id)),
            counts.get(company.id, 0),
            open_minutes.get(company.id, 0),
        )
        for company in await session.scalars(query)
    ]


async def _tickets(session: ReadSession, hour_ids: Sequence[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
    rows = await session.execute(
        select(TechnicalHourPart.technical_hour_id, Ticket.number, TechnicalHourPart.minutes)
        .join(TicketClosure, TicketClosure.id == TechnicalHourPart.closure_id)
        .join(Ticket, Ticket.id == TicketClosure.ticket_id)
        .where(TechnicalHourPart.technical_hour_id.in_(hour_ids))
        .order_by(TechnicalHourPart.id)
    )
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for hour_id, number, minutes in rows:
        found[hour_id].append((number, minutes))
    return found


async def _invoicings(session: ReadSession, hour_ids: Sequence[int]) -> Mapping[int, Invoicing]:
    """The entry that makes an hour invoiced, for those that are."""
    later = aliased(Invoicing)
    last = select(func.max(later.id)).where(later.technical_hour_id == TechnicalHour.id).scalar_subquery()
    rows = await session.execute(
        select(TechnicalHour.id, Invoicing)
        .join(Invoicing, Invoicing.id == last)
        .where(TechnicalHour.id.in_(hour_ids), is_invoiced())
    )
    return dict(rows.all())
