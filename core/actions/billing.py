"""Technical hours go on an invoice, and come off it again by a counter-entry with its reason."""

from collections.abc import Sequence

from sqlalchemy import select

from core.actions import audit
from core.actions import ledger as ledger_actions
from core.actions.authorize import authorize
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import Invoicing, TechnicalHour, Technician
from core.queries import ledger
from core.rules.ledger import InvoicingKind
from core.rules.permissions import Permission

REFERENCE_LIMIT = 200


async def invoice(
    session: WriteSession, actor: Technician, hour_ids: Sequence[int], *, reference: str
) -> Sequence[TechnicalHour]:
    """Mark technical hours as invoiced under one reference, all or none.

    Raises InvalidError without a reference or a choice, ConflictError where one is invoiced or withdrawn already.
    """
    authorize(actor, Permission.INVOICE)
    reference = _line(reference, N_("Write the number of the invoice."), field="reference")
    hours = await _locked(session, hour_ids)
    ready = await session.scalars(
        select(TechnicalHour.id).where(TechnicalHour.id.in_(hour_ids), ~ledger.is_withdrawn(), ~ledger.is_invoiced())
    )
    if set(ready) != set(hour_ids):
        raise ConflictError(N_("One of these hours was invoiced or withdrawn in the meantime; nothing was changed."))
    _enter(session, actor, hours, InvoicingKind.INVOICED, reference)
    await session.flush()
    return hours


async def revert(
    session: WriteSession, actor: Technician, hour_ids: Sequence[int], *, reason: str
) -> Sequence[TechnicalHour]:
    """Take technical hours off their invoice again, all or none; they are ready to be invoiced anew.

    Raises InvalidError without a reason or a choice, ConflictError where one is not invoiced.
    """
    authorize(actor, Permission.INVOICE)
    reason = _line(reason, N_("Write the reason."), field="reason")
    hours = await _locked(session, hour_ids)
    invoiced = await session.scalars(
        select(TechnicalHour.id).where(TechnicalHour.id.in_(hour_ids), ledger.is_invoiced())
    )
    if set(invoiced) != set(hour_ids):
        raise ConflictError(N_("One of these hours is not invoiced; nothing was changed."))
    _enter(session, actor, hours, InvoicingKind.REVERTED, reason)
    await session.flush()
    return hours


async def _locked(session: WriteSession, hour_ids: Sequence[int]) -> Sequence[TechnicalHour]:
    """The hours, their companies locked in one order for everybody. Raises NotFoundError."""
    if not hour_ids:
        raise InvalidError(N_("Choose at least one technical hour."), field="hours")
    query = select(TechnicalHour).where(TechnicalHour.id.in_(hour_ids)).order_by(TechnicalHour.id)
    hours = (await session.scalars(query)).all()
    if len(hours) != len(set(hour_ids)):
        raise NotFoundError
    for company_id in sorted({hour.company_id for hour in hours}):
        await ledger_actions.lock(session, company_id)
    return hours


def _enter(
    session: WriteSession, actor: Technician, hours: Sequence[TechnicalHour], kind: InvoicingKind, reference: str
) -> None:
    for hour in hours:
        session.add(
            Invoicing(technical_hour_id=hour.id, kind=kind, reference=reference, technician_id=actor.id, at=now())
        )
        audit.record(
            session,
            actor,
            f"hour.{kind.value}",
            on=f"technical hour {hour.id}",
            company=hour.company_id,
            number=hour.number,
            reference=reference,
        )


def _line(text: str, missing: str, *, field: str) -> str:
    line = " ".join(text.split())
    if not 0 < len(line) <= REFERENCE_LIMIT:
        raise InvalidError(missing, field=field)
    return line
