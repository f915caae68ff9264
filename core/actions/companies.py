"""Registering companies, and giving them back their first password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.desk_settings import Fields, refuse_stale
from core.clock import now
from core.db import ROW, WriteSession
from core.errors import ConflictError, ForbiddenError, InvalidError
from core.i18n import N_
from core.messaging import outbox, parting
from core.models import (
    Company,
    CompanyEmail,
    CompanyPhone,
    LedgerLine,
    ResetRequest,
    Technician,
    Urgency,
)
from core.queries import persons
from core.render import telegram
from core.render.office import Office
from core.rules.identity import NAME_LONGEST, normalise_phone, read_address, read_ruc
from core.rules.ledger import Account, LineKind
from core.rules.permissions import Permission, allows
from core.rules.purchases import LARGEST_PURCHASE

# Where companies of this desk may be, as the office says it.
ZONES: Mapping[str, str] = {
    "America/Guayaquil": N_("Mainland Ecuador"),
    "Pacific/Galapagos": N_("Galápagos, one hour earlier"),
}


@dataclass(frozen=True)
class NewCompany:
    """A company that has been checked and only needs to be written down."""

    ruc: str
    name: str
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    purchased_minutes: int | None = None


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
    """A new company whose password is its RUC; ``actor`` None is the command line.

    Raises InvalidError, ConflictError, ForbiddenError: hours it has bought are recorded by who may record a purchase.
    """
    if actor is not None:
        authorize(actor, Permission.EDIT_COMPANY)
    if purchased_minutes:
        authorize_purchase(actor)
    number = read_ruc(ruc)
    if number is None:
        raise InvalidError(N_("%(ruc)s is not a RUC: 13 digits, a province, an establishment."), field="ruc", ruc=ruc)
    if await session.scalar(select(Company.id).where(Company.ruc == number)):
        raise ConflictError(N_("There is a company with the RUC %(ruc)s already."), ruc=number)
    _check_minutes(purchased_minutes)
    new = NewCompany(number, read_name(name), read_addresses(emails), read_numbers(phones), purchased_minutes)
    (company,) = await add(session, actor, [new])
    return company


async def add(session: WriteSession, actor: Technician | None, new: Sequence[NewCompany]) -> list[Company]:
    """Write down companies whose RUC the desk does not know yet, each with its entry in the audit."""
    moment = now()
    made = [Company(ruc=one.ruc, name=one.name, created_at=moment) for one in new]
    session.add_all(made)
    await session.flush()
    for company, one in zip(made, new, strict=True):
        session.add_all(CompanyEmail(company_id=company.id, address=address) for address in one.emails)
        session.add_all(CompanyPhone(company_id=company.id, number=number) for number in one.phones)
        if one.purchased_minutes is not None:
            _purchase(session, actor, company, one.purchased_minutes)
        bought = {} if one.purchased_minutes is None else {"minutes": one.purchased_minutes}
        audit.record(session, actor, "company.registered", on=f"company {company.ruc}", name=company.name, **bought)
    await session.flush()
    return made


async def reset_password(
    session: WriteSession, actor: Technician | None, company: Company, *, reason: str, office: Office
) -> None:
    """Back to the RUC. Tells all verified persons, ends no binding, settles the requests, is audited."""
    if actor is not None:
        authorize(actor, Permission.RESET_PASSWORD)
    if not reason.strip():
        raise InvalidError(N_("Write the reason."), field="reason")
    moment = now()
    await parting.stay(session, company.id)  # before its row is touched
    company.password_hash, company.password_reset_at = None, moment
    await session.execute(
        update(ResetRequest)
        .where(ResetRequest.ruc == company.ruc, ResetRequest.handled_at.is_(None))
        .values(handled_at=moment)
    )
    for binding in await persons.verified(session, company.id):
        t = office.translators[binding.person.reads]
        html = telegram.page("password_reset", t, company=company, office=office)
        outbox.post(
            session,
            binding.person.telegram_id,
            "sendMessage",
            telegram.message(html),
            urgency=Urgency.NEWS,
            about=outbox.Subject(company_id=company.id),
        )
    audit.record(session, actor, "company.password_reset", on=f"company {company.ruc}", reason=reason.strip())


async def set_clock(
    session: WriteSession, actor: Technician, company: Company, timezone: str, *, seen: Fields
) -> None:
    """The time zone the company's people live by, one of ZONES; empty: the desk's. It decides their quiet hours.

    One entry in the audit, none without a change. Raises InvalidError, StaleError, ForbiddenError.
    """
    authorize(actor, Permission.EDIT_COMPANY)
    await parting.stay(session, company.id)  # before its row is touched
    await session.refresh(company, ["timezone"], with_for_update=ROW)
    refuse_stale(seen, clock_written(company))
    if timezone and timezone not in ZONES:
        raise InvalidError(N_("Choose one of the time zones."), field="timezone")
    before = company.timezone or ""
    if timezone == before:
        return
    company.timezone = timezone or None
    changes = {"timezone": [before, timezone]}
    audit.record(session, actor, "company.clock", on=f"company {company.ruc}", changes=changes)


def clock_written(company: Company) -> Fields:
    """The time zone as its form has it."""
    return {"timezone": company.timezone or ""}


def _purchase(session: WriteSession, actor: Technician | None, company: Company, minutes: int) -> None:
    """Purchased hours known from the start; 0 says that there are none, which is not the same as unknown."""
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


def authorize_purchase(actor: Technician | None) -> None:
    """Raises ForbiddenError where the actor may not record hours a company has bought; the command line may."""
    if actor is not None and not allows(actor.role, Permission.BUY_HOURS):
        raise ForbiddenError(
            N_("Your role does not record purchased hours. Leave them out: whoever invoices adds them later.")
        )


def _check_minutes(minutes: int | None) -> None:
    if minutes is not None and minutes < 0:
        raise InvalidError(N_("Purchased minutes cannot be negative."), field="purchased_minutes")
    if minutes is not None and minutes > LARGEST_PURCHASE:
        raise InvalidError(
            N_("At most %(n)s minutes can be recorded at once."), field="purchased_minutes", n=LARGEST_PURCHASE
        )


def read_name(text: str) -> str:
    """Raises InvalidError for a company without a name."""
    name = " ".join(text.split())[:NAME_LONGEST]
    if not name:
        raise InvalidError(N_("A company needs a name."), field="name")
    return name


def read_addresses(emails: Sequence[str]) -> list[str]:
    """Each address once. Raises InvalidError."""
    addresses: dict[str, None] = {}
    for text in emails:
        address = read_address(text)
        if address is None:
            raise InvalidError(N_("%(address)s is not an e-mail address."), field="email", address=text.strip())
        addresses[address] = None
    return list(addresses)


def read_numbers(phones: Sequence[str]) -> list[str]:
    """Each number once, E.164. Raises InvalidError."""
    numbers: dict[str, None] = {}
    for phone in phones:
        number = normalise_phone(phone)
        if number is None:
            raise InvalidError(N_("%(phone)s is not a phone number."), field="phone", phone=phone)
        numbers[number] = None
    return list(numbers)
