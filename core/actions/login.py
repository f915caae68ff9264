"""From a RUC and a password to a binding, and out again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from core import passwords
from core.actions.people import active_binding
from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import outbox
from core.models import Binding, Company, CompanyPhone, LoginFailure, Person, ResetRequest
from core.rules.identity import (
    LEVEL_OF,
    Level,
    PasswordFlaw,
    Proof,
    is_own_phone,
    login_wait,
    normalise_password,
    normalise_phone,
    password_flaws,
    ruc_wait,
)
from core.rules.notices import Follows

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


async def wait_before_login(session: ReadSession, chat_id: int, ruc: str) -> timedelta:
    """How long this chat must wait before it may try this RUC; zero when it may now."""
    moment = now()
    of_chat = (
        await session.scalars(
            select(LoginFailure.at).where(
                LoginFailure.chat_id == chat_id, LoginFailure.at > moment - _DAY, ~LoginFailure.cleared
            )
        )
    ).all()
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
    return max(login_wait(of_chat, moment), ruc_wait(of_ruc, in_a_row or 0, moment))


async def log_in(session: WriteSession, person: Person, check: PasswordCheck) -> Binding | None:
    """Bind the person to the company; None where RUC or password are wrong (and that is counted)."""
    company = await session.get(Company, check.company_id) if check.company_id else None
    if company is None or not check.is_right or company.password_hash != check.hash_seen:
        await count_failure(session, person, check.ruc)
        return None
    for failed in (LoginFailure.chat_id == person.telegram_id, LoginFailure.ruc == check.ruc):
        await session.execute(update(LoginFailure).where(failed).values(cleared=True))
    return await bind(session, person, company, Proof.INITIAL_PASSWORD if check.is_initial else Proof.PASSWORD)


async def bind(session: WriteSession, person: Person, company: Company, proof: Proof) -> Binding:
    """Make the binding or raise its level; a better proof is never lost to a weaker one."""
    moment = now()
    binding = await session.scalar(
        select(Binding).where(
            Binding.person_id == person.id, Binding.company_id == company.id, Binding.ended_at.is_(None)
        )
    )
    if binding is None:
        binding = Binding(
            person_id=person.id,
            company_id=company.id,
            level=Level.IDENTIFIED,
            proof=proof,
            follows=Follows.OWN,
            since=moment,
        )
        session.add(binding)
    if LEVEL_OF[proof] is Level.VERIFIED and binding.level is not Level.VERIFIED:
        binding.level, binding.proof, binding.verified_at = Level.VERIFIED, proof, moment
        if company.contact_person_id is None:
            company.contact_person_id, binding.follows = person.id, Follows.COMPANY
    person.active_company_id = company.id
    await session.flush()
    return binding


async def prove_phone(
    session: WriteSession,
    person: Person,
    binding: Binding,
    *,
    number: str,
    contact_user_id: int | None,
    forwarded: bool,
) -> bool:
    """Verify the binding by the person's own phone number; False where it is not on the company's record."""
    if not is_own_phone(contact_user_id=contact_user_id, sender_id=person.telegram_id, is_forwarded=forwarded):
        return False
    known = await session.scalars(select(CompanyPhone.number).where(CompanyPhone.company_id == binding.company_id))
    if normalise_phone(number) not in set(known):
        return False
    company = await session.get_one(Company, binding.company_id)
    await bind(session, person, company, Proof.PHONE)
    return True


async def log_out(session: WriteSession, person: Person) -> None:
    """End the binding in this chat at once: what was queued for it is cancelled in the same transaction."""
    binding = await active_binding(session, person)
    if binding is None:
        return
    binding.ended_at = now()
    person.active_company_id = None
    await session.flush()
    await outbox.cancel_lane(session, person.telegram_id, company_id=binding.company_id)


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


async def change_password(session: WriteSession, company: Company, *, new_hash: str) -> None:
    """The hash was made before the transaction."""
    company.password_hash = new_hash
    company.password_reset_at = None
    await session.flush()


async def count_failure(session: WriteSession, person: Person, ruc: str) -> None:
    """Note a wrong password for the throttles."""
    binding = await active_binding(session, person)
    session.add(
        LoginFailure(
            chat_id=person.telegram_id,
            ruc=ruc,
            at=now(),
            from_verified=binding is not None and binding.is_verified,
        )
    )
