"""What closings charge, and taking it back: lines and technical hours are added, never changed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.messaging import parting
from core.models import (
    Company,
    LedgerLine,
    TechnicalHour,
    TechnicalHourPart,
    Technician,
    Ticket,
    TicketClosure,
)
from core.queries import ledger
from core.rules.ledger import HOUR, Account, IssuedHour, LineKind, Part, fill_hours, take_back
from core.rules.reopening import ReopenRefusal


async def lock(session: WriteSession, company_id: int) -> None:
    """Whoever moves minutes of a company takes turns here, until the commit: the bag stays exact.

    They tell its people of it later, and who leaves wants this row: so nobody leaves from here on.
    """
    await parting.stay(session, company_id)
    await session.scalar(select(Company.id).where(Company.id == company_id).with_for_update(key_share=True))


async def charge(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    closure: TicketClosure,
    *,
    debited: int | None,
    bagged: int | None,
) -> int:
    """Post the minutes of a closing to the accounts it touches (None: not at all); how many hours it filled.

    The company must be locked.
    """
    if debited is not None:
        session.add(_charge(actor, ticket, closure, account=Account.PURCHASED, minutes=-debited))
    if bagged is None:
        return 0
    before = await ledger.open_parts(session, ticket.company_id)
    session.add(_charge(actor, ticket, closure, account=Account.BAG, minutes=bagged))
    hours, _rest = fill_hours(before, Part(closure.id, bagged))
    await _issue(session, actor, ticket.company_id, hours, at=closure.at)
    return len(hours)


async def reverse_closure(
    session: WriteSession, closure: TicketClosure, *, actor: Technician | None, at: datetime
) -> None:
    """Counter what a closing charged, and withdraw the technical hours it helped to fill; others fill anew.

    Once only: a closing that charged nothing, or was reversed, is left alone. ``actor`` None: the customer
    reopened. Raises ConflictError, with the reason, where such an hour has been invoiced.
    """
    company_id = await session.scalar(select(Ticket.company_id).where(Ticket.id == closure.ticket_id))
    assert company_id is not None, "a closing belongs to a ticket"
    await lock(session, company_id)
    charges = await ledger.charges_of(session, closure.id)
    invoiced = await ledger.invoiced_with(session, closure.id)
    if invoiced is not None:
        raise ConflictError(
            N_("Technical hour %(number)s holds minutes of this closing and has been invoiced: it stays as it is."),
            reasons=(ReopenRefusal.HOUR_INVOICED,),
            number=invoiced.number,
        )
    hours = await ledger.loose_hours(session, company_id)
    withdrawal = take_back(closure.id, hours=hours, open_parts=await ledger.open_parts(session, company_id))
    # the hours first: the minutes are back in the bag before they leave it, and no statement shows it below nothing
    for hour_id in withdrawal.withdrawn:
        session.add(_hour_line(company_id, hour_id, LineKind.HOUR_WITHDRAWN, actor=actor, at=at))
    for line in charges:
        session.add(_counter(line, actor, at))
    await _issue(session, actor, company_id, withdrawal.issued, at=at)
    await session.flush()


async def _issue(
    session: WriteSession, actor: Technician | None, company_id: int, hours: Iterable[IssuedHour], *, at: datetime
) -> None:
    """Each full hour is an event of its own that lists the closings whose minutes filled it."""
    await session.flush()
    last = await ledger.hours_numbered(session, company_id)
    for number, filled in enumerate(hours, start=last + 1):
        hour = TechnicalHour(company_id=company_id, number=number, issued_at=at)
        session.add(hour)
        await session.flush()
        session.add_all(
            TechnicalHourPart(technical_hour_id=hour.id, closure_id=part.closure_id, minutes=part.minutes)
            for part in filled.parts
        )
        session.add(_hour_line(company_id, hour.id, LineKind.HOUR_ISSUED, actor=actor, at=at))


def _charge(
    actor: Technician, ticket: Ticket, closure: TicketClosure, *, account: Account, minutes: int
) -> LedgerLine:
    return LedgerLine(
        company_id=ticket.company_id,
        account=account,
        kind=LineKind.CLOSURE,
        minutes=minutes,
        closure_id=closure.id,
        technician_id=actor.id,
        reference=f"#{ticket.number}",
        at=closure.at,
    )


def _counter(line: LedgerLine, actor: Technician | None, at: datetime) -> LedgerLine:
    return LedgerLine(
        company_id=line.company_id,
        account=line.account,
        kind=LineKind.REVERSAL,
        minutes=-line.minutes,
        closure_id=line.closure_id,
        technician_id=actor.id if actor else None,
        reference=line.reference,
        at=at,
    )


def _hour_line(
    company_id: int, hour_id: int, kind: LineKind, *, actor: Technician | None, at: datetime
) -> LedgerLine:
    return LedgerLine(
        company_id=company_id,
        account=Account.BAG,
        kind=kind,
        minutes=HOUR if kind is LineKind.HOUR_WITHDRAWN else -HOUR,
        technical_hour_id=hour_id,
        technician_id=actor.id if actor else None,
        at=at,
    )
