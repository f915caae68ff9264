"""Registering companies, and giving them back their first password."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.actions import audit
from core.actions.authorize import authorize
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.messaging import outbox
from core.models import (
    IN_FORCE,
    Binding,
    Company,
    CompanyEmail,
    CompanyPhone,
    LedgerLine,
    ResetRequest,
    Technician,
    Urgency,
)
from core.render import telegram
from core.render.office import Office
from core.rules.identity import Level, normalise_phone, read_ruc
from core.rules.ledger import Account, LineKind
from core.rules.permissions import Permission

# Where companies of this desk may be, as the office says it.
ZONES: Mapping[str, str] = {
    "America/Guayaquil": N_("Mainland Ecuador"),
    "Pacific/Galapagos": N_("Galápagos, one hour earlier"),
}


async def register(
    session: WriteSession,
    actor: Technician | None,
    *,
    ruc: str,
    name: str,
    emails: Sequence[str] = (),
    phones: Sequence[str] = (),
    purchased_minutes: int | None = None,
) -> Company:
    """A new company whose password is its RUC; ``actor`` None is the command line."""
    if actor is not None:
        authorize(actor, Permission.EDIT_COMPANY)
    number = read_ruc(ruc)
    if number is None:
        raise InvalidError(N_("%(ruc)s is not a RUC: 13 digits, a province, an establishment."), field="ruc", ruc=ruc)
    if await session.scalar(select(Company.id).where(Company.ruc == number)):
        raise ConflictError(N_("There is a company with the RUC %(ruc)s already."), ruc=number)
    if not name.strip():
        raise InvalidError(N_("A company needs a name."), field="name")
    company = Company(ruc=number, name=name.strip()[:200], created_at=now())
    session.add(company)
    await session.flush()
    session.add_all(CompanyEmail(company_id=company.id, address=address) for address in _addresses(emails))
    session.add_all(CompanyPhone(company_id=company.id, number=phone) for phone in _numbers(phones))
    if purchased_minutes is not None:
        _purchase(session, actor, company, purchased_minutes)
    audit.record(session, actor, "company.registered", on=f"company {number}", name=company.name)
    await session.flush()
    return company


async def reset_password(
    session: WriteSession, actor: Technician | None, company: Company, *, reason: str, office: Office
) -> None:
    """Back to the RUC. Tells all verified persons, ends no binding, settles the requests, is audited."""
    if actor is not None:
        authorize(actor, Permission.RESET_PASSWORD)
    if not reason.strip():
        raise InvalidError(N_("Write the reason."), field="reason")
    moment = now()
    company.password_hash, company.password_reset_at = None, moment
    await session.execute(
        update(ResetRequest)
        .where(ResetRequest.ruc == company.ruc, ResetRequest.handled_at.is_(None))
        .values(handled_at=moment)
    )
    verified = await session.scalars(
        select(Binding)
        .where(Binding.company_id == company.id, IN_FORCE, Binding.level == Level.VERIFIED)
        .options(joinedload(Binding.person))
    )
    for binding in verified:
        t = office.translators[binding.person.reads]
        html = telegram.page("password_reset", t, company=company, office=office)
        outbox.post(session, binding.person.telegram_id, "sendMessage", telegram.message(html), urgency=Urgency.NEWS)
    audit.record(session, actor, "company.password_reset", on=f"company {company.ruc}", reason=reason.strip())


def set_clock(session: WriteSession, actor: Technician, company: Company, timezone: str) -> None:
    """The time zone the company's people live by, one of ZONES; empty: the desk's. It decides their quiet hours."""
    authorize(actor, Permission.EDIT_COMPANY)
    if timezone and timezone not in ZONES:
        raise InvalidError(N_("Choose one of the time zones."), field="timezone")
    company.timezone = timezone or None
    audit.record(session, actor, "company.clock", on=f"company {company.ruc}", timezone=timezone)


def _purchase(session: WriteSession, actor: Technician | None, company: Company, minutes: int) -> None:
    """Purchased hours known from the start; 0 says that there are none, which is not the same as unknown."""
    if minutes < 0:
        raise InvalidError(N_("Purchased minutes cannot be negative."), field="purchased_minutes")
    session.add(
        LedgerLine(
            company_id=company.id,
            account=Account.PURCHASED,
            kind=LineKind.PURCHASE,
            minutes=minutes,
            technician_id=actor.id if actor else None,
            at=now(),
        )
    )


def _addresses(emails: Sequence[str]) -> list[str]:
    addresses = list(dict.fromkeys(address.strip() for address in emails))
    for address in addresses:
        local, at, domain = address.partition("@")
        if not (local and at and "." in domain) or any(sign.isspace() or sign in "<>,;" for sign in address):
            raise InvalidError(N_("%(address)s is not an e-mail address."), field="email", address=address)
    return addresses


def _numbers(phones: Sequence[str]) -> list[str]:
    numbers: dict[str, None] = {}
    for phone in phones:
        number = normalise_phone(phone)
        if number is None:
            raise InvalidError(N_("%(phone)s is not a phone number."), field="phone", phone=phone)
        numbers[number] = None
    return list(numbers)
