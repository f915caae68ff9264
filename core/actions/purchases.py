"""Purchased hours come in with a reference, and leave by a line of their own when their date has passed."""

from datetime import datetime

from sqlalchemy import select

from core.actions import audit
from core.actions import ledger as ledger_actions
from core.actions.authorize import authorize
from core.clock import now
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Company, LedgerLine, Technician
from core.queries import ledger
from core.rules.ledger import Account, LineKind
from core.rules.permissions import Permission
from core.rules.purchases import LARGEST_PURCHASE

REFERENCE_LIMIT = 200


async def buy(
    session: WriteSession,
    actor: Technician,
    company: Company,
    *,
    minutes: int,
    reference: str,
    expires_at: datetime | None = None,
) -> LedgerLine:
    """Add purchased minutes (>= 1), good until ``expires_at``. ``reference`` is the invoice they were paid with."""
    authorize(actor, Permission.BUY_HOURS)
    reference = " ".join(reference.split())
    if not 0 < minutes <= LARGEST_PURCHASE:
        raise InvalidError(N_("Write the minutes as a whole number, 1 or more."), field="minutes")
    if not 0 < len(reference) <= REFERENCE_LIMIT:
        raise InvalidError(N_("Write the number of the invoice or receipt."), field="reference")
    if expires_at is not None and expires_at <= now():
        raise InvalidError(N_("The date must lie ahead."), field="expires_on")
    await ledger_actions.lock(session, company.id)
    line = LedgerLine(
        company_id=company.id,
        account=Account.PURCHASED,
        kind=LineKind.PURCHASE,
        minutes=minutes,
        technician_id=actor.id,
        reference=reference,
        expires_at=expires_at,
        at=now(),
    )
    session.add(line)
    until = expires_at.isoformat() if expires_at else None
    audit.record(
        session,
        actor,
        "hours.purchased",
        on=f"company {company.ruc}",
        minutes=minutes,
        reference=reference,
        expires_at=until,
    )
    await session.flush()
    return line


async def expire(session: WriteSession, company_id: int, *, at: datetime) -> int:
    """Minutes whose date has passed leave, a line for each purchase; how many. The company must be locked."""
    due = await ledger.overdue(session, company_id, at=at)
    for lot in due:
        session.add(
            LedgerLine(
                company_id=company_id,
                account=Account.PURCHASED,
                kind=LineKind.EXPIRY,
                minutes=-lot.minutes,
                purchase_id=lot.purchase_id,
                at=at,
            )
        )
    await session.flush()
    return sum(lot.minutes for lot in due)


async def expire_due(session: WriteSession) -> None:
    """The clock's sweep: every company that has a purchase whose date has passed."""
    moment = now()
    companies = await session.scalars(
        select(LedgerLine.company_id)
        .where(LedgerLine.kind == LineKind.PURCHASE, LedgerLine.expires_at <= moment)
        .distinct()
        .order_by(LedgerLine.company_id)
    )
    for company_id in companies.all():
        await ledger_actions.lock(session, company_id)
        await expire(session, company_id, at=moment)
