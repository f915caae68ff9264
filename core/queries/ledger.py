"""A company's two accounts, summed from their lines, what lies in the bag, and its technical hours."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased

from core.db import ReadSession
from core.models import Invoicing, LedgerLine, TechnicalHour, TechnicalHourPart, TicketClosure
from core.rules.ledger import Account, InvoicingKind, IssuedHour, LineKind, Part, take_back, total
from core.rules.purchases import Lot, Movement, expired, lots


@dataclass(frozen=True)
class Balances:
    """Minutes in the bag (0..59) and purchased minutes left, None while nothing was ever purchased or stated.

    ``first_expiry``: the earliest date of any purchase, whatever is left of it.
    """

    bag: int
    purchased: int | None
    first_expiry: datetime | None = None


def is_withdrawn() -> ColumnElement[bool]:
    """Whether a technical hour was taken back by a counter-entry."""
    withdrawal = aliased(LedgerLine)
    return exists().where(
        withdrawal.technical_hour_id == TechnicalHour.id, withdrawal.kind == LineKind.HOUR_WITHDRAWN
    )


def is_invoiced() -> ColumnElement[bool]:
    """Whether the last that befell a technical hour is that it was invoiced."""
    entry, later = aliased(Invoicing), aliased(Invoicing)
    is_last = ~exists().where(later.technical_hour_id == entry.technical_hour_id, later.id > entry.id)
    return exists().where(entry.technical_hour_id == TechnicalHour.id, entry.kind == InvoicingKind.INVOICED, is_last)


async def balances(session: ReadSession, company_id: int) -> Balances:
    return of_sums(*(await session.execute(sums(), {"company_id": company_id})).one())


def of_sums(bag: int | None, purchased: int | None, first_expiry: datetime | None) -> Balances:
    return Balances(int(bag or 0), None if purchased is None else int(purchased), first_expiry)


@cache
def sums() -> Select[Any, Any, datetime | None]:
    """What the balances of a company are made of, asked with ``company_id``; put together once."""
    bag, purchased = (case((LedgerLine.account == account, LedgerLine.minutes)) for account in Account)
    query = select(func.sum(bag), func.sum(purchased), func.min(LedgerLine.expires_at))
    return query.where(LedgerLine.company_id == bindparam("company_id"))


async def usable(
    session: ReadSession,
    company_id: int,
    *,
    at: datetime,
    without: TicketClosure | None = None,
    found: Balances | None = None,
) -> Balances:
    """The balances without purchased minutes whose date has passed; ``without`` as if a closing were taken back.

    ``found``: what ``balances`` has read in this transaction.
    """
    found = found or await balances(session, company_id)
    bag, purchased = found.bag, found.purchased
    if without is not None:
        parts = await open_parts(session, company_id)
        hours = await loose_hours(session, company_id)
        bag = total(take_back(without.id, hours=hours, open_parts=parts).open_parts)
        charges = await charges_of(session, without.id)
        returned = [line.minutes for line in charges if line.account is Account.PURCHASED]
        purchased = purchased - sum(returned) if purchased is not None else None
    if purchased is not None and found.first_expiry is not None and found.first_expiry <= at:
        purchased -= sum(
            lot.minutes for lot in expired(await purchased_lots(session, company_id, without=without), at)
        )
    return Balances(bag, purchased)


async def open_parts(session: ReadSession, company_id: int) -> list[Part]:
    """What lies in the bag, oldest closing first: its charge less what technical hours hold of it."""
    taken = (
        select(TechnicalHourPart.closure_id, func.sum(TechnicalHourPart.minutes).label("minutes"))
        .join(TechnicalHour, TechnicalHour.id == TechnicalHourPart.technical_hour_id)
        .where(TechnicalHour.company_id == company_id, ~is_withdrawn())
        .group_by(TechnicalHourPart.closure_id)
        .subquery()
    )
    left = func.sum(LedgerLine.minutes) - func.coalesce(func.max(taken.c.minutes), 0)
    rows = await session.execute(
        select(LedgerLine.closure_id, left)
        .outerjoin(taken, taken.c.closure_id == LedgerLine.closure_id)
        .where(
            LedgerLine.company_id == company_id,
            LedgerLine.account == Account.BAG,
            LedgerLine.kind.in_((LineKind.CLOSURE, LineKind.REVERSAL)),
        )
        .group_by(LedgerLine.closure_id)
        .having(left > 0)
        .order_by(func.min(LedgerLine.id))
    )
    return [Part(closure_id, int(minutes)) for closure_id, minutes in rows if closure_id is not None]


async def loose_hours(session: ReadSession, company_id: int) -> dict[int, IssuedHour]:
    """The company's technical hours that stand and are not invoiced, by id, oldest first."""
    rows = await session.execute(
        select(TechnicalHour.id, TechnicalHourPart.closure_id, TechnicalHourPart.minutes)
        .join(TechnicalHourPart, TechnicalHourPart.technical_hour_id == TechnicalHour.id)
        .where(TechnicalHour.company_id == company_id, ~is_withdrawn(), ~is_invoiced())
        .order_by(TechnicalHour.id, TechnicalHourPart.id)
    )
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    for hour_id, closure_id, minutes in rows:
        parts[hour_id].append(Part(closure_id, minutes))
    return {hour_id: IssuedHour(tuple(filling)) for hour_id, filling in parts.items()}


async def invoiced_with(session: ReadSession, closure_id: int) -> TechnicalHour | None:
    """The first invoiced technical hour that holds minutes of this closing: it cannot be taken back any more."""
    return await session.scalar(
        select(TechnicalHour)
        .join(TechnicalHourPart, TechnicalHourPart.technical_hour_id == TechnicalHour.id)
        .where(TechnicalHourPart.closure_id == closure_id, is_invoiced())
        .order_by(TechnicalHour.id)
        .limit(1)
    )


async def charges_of(session: ReadSession, closure_id: int) -> list[LedgerLine]:
    """What a closing charged and no counter-entry took back: no line, one, or one in each account."""
    counter = aliased(LedgerLine)
    is_reversed = exists().where(counter.closure_id == LedgerLine.closure_id, counter.kind == LineKind.REVERSAL)
    lines = await session.scalars(
        select(LedgerLine)
        .where(LedgerLine.closure_id == closure_id, LedgerLine.kind == LineKind.CLOSURE, ~is_reversed)
        .order_by(LedgerLine.id)
    )
    return list(lines)


async def purchased_lots(session: ReadSession, company_id: int, *, without: TicketClosure | None = None) -> list[Lot]:
    """What is left of each purchase, oldest first; none while the account is overdrawn.

    ``without`` as if a closing were taken back.
    """
    lines = await session.execute(
        select(
            LedgerLine.id,
            LedgerLine.kind,
            LedgerLine.minutes,
            LedgerLine.closure_id,
            LedgerLine.purchase_id,
            LedgerLine.expires_at,
        )
        .where(LedgerLine.company_id == company_id, LedgerLine.account == Account.PURCHASED)
        .order_by(LedgerLine.id)
    )
    movements = [Movement(*line) for line in lines]
    if without is not None:
        movements.append(Movement(0, LineKind.REVERSAL, 0, without.id))
    left, _owed = lots(movements)
    return [lot for lot in left if lot.minutes]


async def overdue(session: ReadSession, company_id: int, *, at: datetime) -> list[Lot]:
    """Purchases whose date has passed and that still have minutes to take out."""
    is_dated = select(LedgerLine.id).where(LedgerLine.company_id == company_id, LedgerLine.expires_at <= at).limit(1)
    if await session.scalar(is_dated) is None:
        return []
    return expired(await purchased_lots(session, company_id), at)


async def hours_numbered(session: ReadSession, company_id: int) -> int:
    """The number of the last technical hour issued to the company, withdrawn ones included; 0 before the first."""
    return (
        await session.scalar(select(func.max(TechnicalHour.number)).where(TechnicalHour.company_id == company_id))
        or 0
    )
