"""A company's two accounts, summed from their lines, and what lies in the bag."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core.db import ReadSession
from core.models import LedgerLine, TechnicalHour, TechnicalHourPart
from core.rules.ledger import Account, LineKind, Part


@dataclass(frozen=True)
class Balances:
    """Minutes in the bag (0..59) and purchased minutes left, None while nothing was ever purchased or stated."""

    bag: int
    purchased: int | None


async def balances(session: ReadSession, company_id: int) -> Balances:
    rows = await session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.minutes))
        .where(LedgerLine.company_id == company_id)
        .group_by(LedgerLine.account)
    )
    sums = {account: int(total) for account, total in rows}
    return Balances(bag=sums.get(Account.BAG, 0), purchased=sums.get(Account.PURCHASED))


async def open_parts(session: ReadSession, company_id: int) -> list[Part]:
    """What lies in the bag, oldest closing first: its charge less what technical hours took of it."""
    taken = (
        select(TechnicalHourPart.closure_id, func.sum(TechnicalHourPart.minutes).label("minutes"))
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
            LedgerLine.kind == LineKind.CLOSURE,
        )
        .group_by(LedgerLine.closure_id)
        .having(left > 0)
        .order_by(func.min(LedgerLine.id))
    )
    return [Part(closure_id, int(minutes)) for closure_id, minutes in rows if closure_id is not None]


async def technical_hours(session: ReadSession, company_id: int) -> int:
    """How many technical hours were issued to the company."""
    return await session.scalar(select(func.count()).where(TechnicalHour.company_id == company_id)) or 0
