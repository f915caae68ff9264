"""From a RUC and a password to a binding, and out again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from core import passwords
from core.actions import announcements, audit, bindings, people
from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import parting
from core.models import Binding, Company, CompanyPhone, LoginFailure, Person, ResetRequest
from core.render.office import Office
from core.rules.identity import (
    PasswordFlaw,
    Proof,
    is_own_phone,
    login_wait,
    normalise_password,
    normalise_phone,
    password_flaws,
    ruc_wait,
)
from core.rules.proofs import News

CHOOSE_WITHOUT_OLD = timedelta(hours=72)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class PasswordCheck:
    """The answer to "is this the company's password?", worked out before the transaction (argon2 is slow)."""

    ruc: str
    company_id: int | None
    hash_seen: str | None
    is_right: bool
    is_initial: bool


async def check_password(session: ReadSession, ruc: str, password: str) -> PasswordCheck:
    """Same words and same work for an unknown RUC and a wrong password."""
    company = await session.scalar(select(Company).where(Company.ruc == ruc))
    hashed = company.password_hash if company else None
    has_hash = await passwords.matches(normalise_password(password), hashed)
    is_initial = company is not None and hashed is None
    is_right = normalise_password(password).strip() == ruc if is_initial else has_hash
    return PasswordCheck(ruc, company.id if company else None, hashed, is_right, is_initial)


async def wait_of_chat(session: ReadSession, chat_id: int) -> timedelta:
    """How long this chat must wait before it may try a password; zero when it may now."""
    moment = now()
    failures = await session.scalars(
        select(LoginFailure.at).where(
            LoginFailure.chat_id == chat_id, LoginFailure.at > moment - _DAY, ~LoginFailure.cleared
        )
    )
    return login_wait(failures.all(), moment)


async def wait_before_login(session: ReadSession, chat_id: int, ruc: str) -> timedelta:
    """The same before it may try this RUC, which others may be guessing at, too."""
    moment = now()
    of_ruc = (
        await session.scalars(
            select(LoginFailure.at).where(
                LoginFailure.ruc == ruc, LoginFailure.at > moment - _HOUR, ~LoginFailure.from_verified
            )
        )
    ).all()
    in_a_row = await session.scalar(
        select(func.count()).where(LoginFailure.ruc == ruc, ~LoginFailure.cleared, ~LoginFailure.from_verified)
    )
    return max(await wait_of_chat(session, chat_id), ruc_wait(of_ruc, in_a_row or 0, moment))


async def log_in(session: WriteSession, person: Person, check: PasswordCheck, *, office: Office) -> Binding | None:
    """Bind the person to the company; None where RUC or password are wrong (and that is counted)."""
    company = await session.get(Company, check.company_id) if check.company_id else None
    if company is None or not check.is_right or company.password_hash != check.hash_seen:
        await count_failure(session, person, check.ruc)
        return None
    # those at other RUCs stay: a log-in that anybody can make would start the counting of guesses anew
    await session.execute(update(LoginFailure).where(LoginFailure.ruc == check.ruc).values(cleared=True))
    proof = Proof.INITIAL_PASSWORD if check.is_initial else Proof.PASSWORD
    return await bindings.bind(session, person, company, proof, office=office)


async def prove_phone(
    session: WriteSession,
    person: Person,
    binding: Binding,
    *,
    number: str,
    contact_user_id: int | None,
    forwarded: bool,
    office: Office,
) -> bool:
    """Verify the binding by the person's own phone number; False where it is not on the company's record."""
    if not is_own_phone(contact_user_id=contact_user_id, sender_id=person.telegram_id, is_forwarded=forwarded):
        return False
    known = await session.scalars(select(CompanyPhone.number).where(CompanyPhone.company_id == binding.company_id))
    if normalise_phone(number) not in set(known):
        return False
    company = await session.get_one(Company, binding.company_id)
    await bindings.bind(session, person, company, Proof.PHONE, office=office)
    return True


async def request_reset(session: WriteSession, person: Person, ruc: str) -> None:
    """Put "I forgot my password" before the technicians, once a day for the same chat and RUC."""
    recent = await session.scalar(
        select(ResetRequest.id).where(
            ResetRequest.person_id == person.id, ResetRequest.ruc == ruc, ResetRequest.at > now() - _DAY
        )
    )
    if recent is None:
        session.add(ResetRequest(person_id=person.id, ruc=ruc, at=now()))


def needs_old_password(company: Company, moment: datetime) -> bool:
    """The RUC is no secret worth asking for, and after a reset verified chats choose a new password without it."""
    if company.password_hash is None:
        return False
    reset_at = company.password_reset_at
    return reset_at is None or moment - reset_at > CHOOSE_WITHOUT_OLD


def flaws_of(company: Company, password: str) -> tuple[PasswordFlaw, ...]:
    return password_flaws(password, ruc=company.ruc, company_name=company.name)


async def change_password(session: WriteSession, binding: Binding, *, new_hash: str, office: Office) -> None:
    """A verified person chooses; the others of the company are asked. The hash was made before the transaction."""
    company = binding.company
    await parting.stay(session, company.id)  # before its row is touched
    company.password_hash, company.password_reset_at = new_hash, None
    person = await session.get_one(Person, binding.person_id)
    audit.record(session, person, "company.password_changed", on=f"company {company.ruc}", by=person.name)
    await announcements.announce(session, person, binding, News.PASSWORD, office=office)


async def count_failure(session: WriteSession, person: Person, ruc: str) -> None:
    """Note a wrong password for the throttles; who is verified for this very company cannot be a stranger to it."""
    own = await people.bindings(session, [person])
    session.add(
        LoginFailure(
            chat_id=person.telegram_id,
            ruc=ruc,
            at=now(),
            from_verified=any(binding.is_verified and binding.company.ruc == ruc for binding in own),
        )
    )
