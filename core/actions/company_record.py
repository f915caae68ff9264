"""What stands on a company's record: name, e-mails, phones. Its tickets are found by the new name, too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.actions import audit, indexing
from core.actions import ledger as ledger_actions
from core.actions.authorize import authorize
from core.actions.companies import read_addresses, read_name, read_numbers
from core.actions.desk_settings import Fields, refuse_stale
from core.db import ReadSession, WriteSession
from core.models import Company, CompanyEmail, CompanyPhone, Technician, Ticket
from core.queries import company_card
from core.rules.permissions import Permission

_Record = tuple[str, set[str], set[str]]  # name, e-mails, phones

SLICE = 200  # tickets found anew in one transaction


async def change(
    session: WriteSession,
    actor: Technician,
    company: Company,
    *,
    name: str,
    emails: Sequence[str],
    phones: Sequence[str],
    seen: Fields,
) -> bool:
    """Put the record as it is now; False where nothing is different.

    ``seen``: what it replaces, as ``written`` says it. Raises InvalidError, StaleError, ForbiddenError.
    """
    authorize(actor, Permission.EDIT_COMPANY)
    await ledger_actions.lock(session, company.id)
    company = await company_card.by_ruc(session, company.ruc)  # as whoever had the lock before left it
    refuse_stale(seen, written(company))
    new_name, addresses, numbers = read_name(name), read_addresses(emails), read_numbers(phones)
    before: _Record = (
        company.name,
        {email.address for email in company.emails},
        {phone.number for phone in company.phones},
    )
    after: _Record = (new_name, set(addresses), set(numbers))
    if before == after:
        return False
    for email in company.emails:
        if email.address not in addresses:
            await session.delete(email)
    for phone in company.phones:
        if phone.number not in numbers:
            await session.delete(phone)
    await session.flush()
    session.add_all(CompanyEmail(company_id=company.id, address=one) for one in addresses if one not in before[1])
    session.add_all(CompanyPhone(company_id=company.id, number=one) for one in numbers if one not in before[2])
    if company.name != new_name:
        company.name = new_name
        await _find_anew(session, company)
    audit.record(session, actor, "company.changed", on=f"company {company.ruc}", changes=_differences(before, after))
    await session.flush()
    return True


def written(company: Company) -> Fields:
    """The record as its form has it. E-mails and phones are loaded."""
    return {
        "name": company.name,
        "emails": ", ".join(sorted(email.address for email in company.emails)),
        "phones": ", ".join(sorted(phone.number for phone in company.phones)),
    }


def _differences(before: _Record, after: _Record) -> dict[str, Any]:
    """Field → how it was and how it is, for the audit."""
    fields = zip(("name", "emails", "phones"), before, after, strict=True)
    return {
        field: [old if isinstance(old, str) else sorted(old), new if isinstance(new, str) else sorted(new)]
        for field, old, new in fields
        if old != new
    }


async def _find_anew(session: WriteSession, company: Company) -> None:
    """All tickets of the company, the newest at once and the others by and by."""
    newest = select(Ticket.number).where(Ticket.company_id == company.id).order_by(Ticket.number.desc()).limit(1)
    company.words_due = await session.scalar(newest)
    if company.words_due is not None:
        await _slice(session, company, company.words_due)


async def is_due(session: ReadSession) -> bool:
    """Whether tickets of a renamed company are still found by the old name only."""
    return await session.scalar(select(Company.id).where(Company.words_due.is_not(None)).limit(1)) is not None


async def renew_some(session: WriteSession) -> bool:
    """The next tickets of a company that was renamed; False where nobody waits for it."""
    query = select(Company).where(Company.words_due.is_not(None)).order_by(Company.id).limit(1)
    company = await session.scalar(query.with_for_update(skip_locked=True))
    if company is None or company.words_due is None:
        return False
    await _slice(session, company, company.words_due)
    return True


async def _slice(session: WriteSession, company: Company, newest: int) -> None:
    tickets = select(Ticket.id, Ticket.number).where(Ticket.company_id == company.id, Ticket.number <= newest)
    found = (await session.execute(tickets.order_by(Ticket.number.desc()).limit(SLICE))).all()
    for ticket_id, _number in found:
        indexing.renew(session, ticket_id)
    company.words_due = found[-1].number - 1 if len(found) == SLICE else None
