"""What may be invoiced: technical hours with the tickets that filled them, and every company's accounts."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.db import ReadSession
from core.models import Company, Invoicing, LedgerLine, TechnicalHour, TechnicalHourPart, Ticket, TicketClosure
from core.queries import company_card, times
from core.queries.folding import contains_words
from core.queries.ledger import Balances, is_invoiced, is_withdrawn
from core.rules.ledger import Account

PAGE = 50
ACCOUNTS = 25  # on a page


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


async def accounts(
    session: ReadSession, text: str = "", *, after: str = "", size: int = ACCOUNTS
) -> tuple[list[AccountLine], str]:
    """Companies with a movement or minutes not accounted yet, and the ``after`` of the next page, empty at the end.

    First those with hours to invoice, then the others, each by name. ``text``: words of the name or the RUC.
    Raises NotFoundError for an ``after`` of no company.
    """
    begins, _, ruc = after.partition("-")
    last = await company_card.by_ruc(session, ruc) if begins in _PARTS else None
    found: list[tuple[str, Company]] = []
    for part, belongs in _PARTS.items():
        if last is not None and part < begins:
            continue
        query = select(Company).where(belongs()).order_by(Company.sort_key, Company.ruc)
        if text.strip():
            query = query.where(contains_words(text, Company.name, Company.ruc))
        if last is not None and part == begins:
            query = query.where(company_card.behind(last))
        rows = await session.scalars(query.limit(size + 1 - len(found)))
        found += [(part, company) for company in rows]
    page = found[:size]
    following = f"{page[-1][0]}-{page[-1][1].ruc}" if len(found) > size else ""
    return await _accounts(session, [company for _, company in page]), following


async def _accounts(session: ReadSession, companies: Sequence[Company]) -> list[AccountLine]:
    """The companies with what a page shows of their accounts."""
    ids = [company.id for company in companies]
    sums = await session.execute(
        select(LedgerLine.company_id, LedgerLine.account, func.sum(LedgerLine.minutes))
        .where(LedgerLine.company_id.in_(ids))
        .group_by(LedgerLine.company_id, LedgerLine.account)
    )
    minutes = {(company_id, account): int(total) for company_id, account, total in sums}
    open_minutes = await times.unaccounted(session, ids)
    ready = await session.execute(
        select(TechnicalHour.company_id, func.count())
        .where(_is_ready(), TechnicalHour.company_id.in_(ids))
        .group_by(TechnicalHour.company_id)
    )
    counts = dict(ready.all())
    return [
        AccountLine(
            company,
            Balances(minutes.get((company.id, Account.BAG), 0), minutes.get((company.id, Account.PURCHASED))),
            counts.get(company.id, 0),
            open_minutes.get(company.id, 0),
        )
        for company in companies
    ]


def _is_ready() -> ColumnElement[bool]:
    return and_(~is_withdrawn(), ~is_invoiced())


def _waits() -> ColumnElement[bool]:
    """Whether a company has hours to invoice."""
    return Company.id.in_(select(TechnicalHour.company_id).where(_is_ready()))


def _moved() -> ColumnElement[bool]:
    """Whether a company without such hours has anything on its accounts, or soon will."""
    has_lines = exists().where(LedgerLine.company_id == Company.id)
    return ~_waits() & or_(has_lines, Company.id.in_(times.with_unaccounted()))


# the parts of the list in their order, by the sign an ``after`` begins with
_PARTS: Mapping[str, Callable[[], ColumnElement[bool]]] = {"1": _waits, "2": _moved}


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
