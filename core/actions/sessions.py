"""Log-ins of the panel: each try is written down before it is judged, so that many at once gain nothing."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update

from core import passwords
from core.actions import audit
from core.actions.staff import PASSWORD_SHORTEST, end_sessions, revoke_tokens, token_sha256
from core.clock import now
from core.db import ROW, WriteSession
from core.errors import DeskError, InvalidError, NotFoundError, TooOftenError
from core.i18n import N_
from core.models import SetupLink, StaffLoginFailure, StaffSession, Technician
from core.queries import staff
from core.render.words import PASSWORD_FLAW_WORDS
from core.rules.identity import PasswordFlaw, account_wait, login_wait, normalise_password, password_flaws, place_of

ADDRESS_FAILURES = 30  # an office shares one address
ADDRESS_WINDOW = timedelta(minutes=15)
TRIES_LOCK = 0x54525953  # "TRYS", the first key of PostgreSQL's advisory locks
TOUCH_EVERY = timedelta(minutes=1)  # a write for each page would queue behind the desk's work


class WrongLoginError(DeskError):
    """One message for an unknown user and for a wrong password."""

    message = N_("User or password are not right.")


class SpentLinkError(NotFoundError):
    """A set-up link that opens nothing, or nothing any more."""

    message = N_("This link has been used already or is too old. Ask an administrator for a new one.")


@dataclass(frozen=True, slots=True)
class Try:
    """A log-in that waits for its verdict; it counts as failed until then. ``address``: as ``place_of`` has it."""

    username: str
    address: str
    technician_id: int | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class LogIn:
    """A session that has begun: the token for its cookie, and whether a second factor is still to come."""

    token: str
    has_factor: bool
    is_complete: bool


async def begin(session: WriteSession, *, username: str, address: str, is_inside: bool = False) -> Try:
    """Note a try to log in. Raises TooOftenError, which is not counted as a further one.

    ``is_inside``: somebody who is logged in already proves who they are.
    """
    moment, name, address = now(), username.strip().lower()[:64], place_of(address)
    await _one_by_one(session, name, address)
    technician = await staff.by_username(session, name)
    is_known = is_inside or (technician is not None and await _came_from(session, technician, address))
    wait = await _wait(session, name, address, moment, is_known=is_known)
    if wait:
        raise TooOftenError(wait)
    session.add(StaffLoginFailure(username=name, address=address, at=moment))
    return Try(
        username=name,
        address=address,
        technician_id=technician.id if technician else None,
        password_hash=technician.password_hash if technician else None,
    )


async def judge(attempt: Try, password: str) -> int:
    """The id of the technician. Raises WrongLoginError after the same work, whether the user exists or not."""
    is_right = await passwords.matches(normalise_password(password), attempt.password_hash)
    if not is_right or attempt.technician_id is None:
        raise WrongLoginError
    return attempt.technician_id


async def start(
    session: WriteSession, attempt: Try, technician_id: int, *, agent: str = "", needs_factor: bool = False
) -> LogIn:
    """Open a session after a right password; ``needs_factor``: the desk lets nobody in without a second one.

    Raises WrongLoginError where the password has become another one, or its technician was disabled, while it was
    judged. The failed tries are forgotten, but only where nothing else is asked for: with the password alone nobody
    may start the counting of codes anew.
    """
    technician = await session.get_one(
        Technician, technician_id, with_for_update={"read": True}, populate_existing=True
    )
    if technician.password_hash != attempt.password_hash or technician.disabled_at is not None:
        raise WrongLoginError
    has_factor = technician.totp_secret is not None
    is_complete = not (has_factor or needs_factor)
    if is_complete:
        await forget_failures(session, attempt.username, attempt.address)
    token, moment = secrets.token_urlsafe(32), now()
    session.add(
        StaffSession(
            token_sha256=token_sha256(token),
            technician_id=technician_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=moment,
            seen_at=moment,
            agent=agent[:200],
            address=attempt.address,
            is_complete=is_complete,
        )
    )
    return LogIn(token, has_factor, is_complete)


async def begin_code(session: WriteSession, technician: Technician, *, address: str) -> None:
    """Note a try of the second factor, wherever from: who is here knows the password. Raises TooOftenError."""
    moment, name = now(), _code_name(technician)
    await _one_by_one(session, name)
    tries = await session.scalars(
        select(StaffLoginFailure.at).where(
            StaffLoginFailure.username == name, StaffLoginFailure.at > moment - timedelta(days=1)
        )
    )
    wait = login_wait(list(tries), moment)
    if wait:
        raise TooOftenError(wait)
    session.add(StaffLoginFailure(username=name, address=place_of(address), at=moment))


async def complete(session: WriteSession, technician: Technician, session_id: int, *, address: str) -> str:
    """The second factor was right: the session opens everything, under a new token. Raises NotFoundError."""
    token, moment, address = secrets.token_urlsafe(32), now(), place_of(address)
    completed = await session.scalars(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None), StaffSession.is_complete.is_(False))
        .values(
            token_sha256=token_sha256(token),
            csrf_token=secrets.token_urlsafe(32),
            created_at=moment,
            seen_at=moment,
            address=address,
            is_complete=True,
        )
        .returning(StaffSession.id)
    )
    if completed.first() is None:
        raise NotFoundError
    await forget_failures(session, technician.username, address)
    await session.execute(delete(StaffLoginFailure).where(StaffLoginFailure.username == _code_name(technician)))
    return token


async def forget_failures(session: WriteSession, username: str, address: str) -> None:
    """Of this user at this place, as a ``Try`` has it."""
    await session.execute(
        delete(StaffLoginFailure).where(StaffLoginFailure.username == username, StaffLoginFailure.address == address)
    )


def _code_name(technician: Technician) -> str:
    """Nobody can type this as a user, whose name is put in small letters: a code is counted beside passwords."""
    return f"CODE:{technician.username}"[:64]


async def touch(session: WriteSession, staff_session: StaffSession, *, at: datetime) -> None:
    """Somebody is still there."""
    await session.execute(
        update(StaffSession).where(StaffSession.id == staff_session.id, StaffSession.seen_at < at).values(seen_at=at)
    )


async def end(session: WriteSession, session_id: int) -> None:
    await session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now())
    )


async def choose_password(session: WriteSession, token: str, *, password_hash: str, address: str) -> Technician:
    """Use a set-up link, once, audited: the technician has a password; older sessions and API tokens are over.

    Raises SpentLinkError for a link that is unknown, used or too old. The password was checked
    (``check_password``) and hashed before the transaction, that takes a while.
    """
    moment = now()
    link = await staff.setup_link(session, token_sha256(token), at=moment)
    if link is None:
        raise SpentLinkError
    # whoever spends a technician's links takes turns here
    technician = await session.get_one(Technician, link.technician_id, with_for_update=ROW, populate_existing=True)
    technician.password_hash = password_hash
    unused = update(SetupLink).where(SetupLink.technician_id == technician.id, SetupLink.used_at.is_(None))
    spent = await session.scalars(unused.values(used_at=moment).returning(SetupLink.id))
    if link.id not in spent.all() or technician.disabled_at is not None:
        raise SpentLinkError
    # guesses at the old password hold up nobody who has just chosen a new one
    await session.execute(delete(StaffLoginFailure).where(StaffLoginFailure.username == technician.username))
    await end_sessions(session, technician)
    revoked = await revoke_tokens(session, technician)  # the old password may have made one since the link was sent
    session.add(_visit(technician, place_of(address), moment))
    audit.record(session, technician, "account.password_chosen", on=f"technician {technician.username}", **revoked)
    return technician


def _visit(technician: Technician, address: str, moment: datetime) -> StaffSession:
    """Over as it begins, and no cookie opens it: who used a set-up link there is known there when guesses go on."""
    return StaffSession(
        token_sha256=token_sha256(secrets.token_urlsafe(32)),
        technician_id=technician.id,
        csrf_token=secrets.token_urlsafe(32),
        created_at=moment,
        seen_at=moment,
        ended_at=moment,
        address=address,
    )


def check_password(password: str, technician: Technician) -> None:
    """Raises InvalidError when the password is too weak for this technician."""
    if len(normalise_password(password)) < PASSWORD_SHORTEST:
        raise InvalidError(N_("The password needs at least %(n)s characters."), field="password", n=PASSWORD_SHORTEST)
    flaws = password_flaws(password, ruc="", company_name=f"{technician.username} {technician.name}")
    if flaws:
        words = {**PASSWORD_FLAW_WORDS, PasswordFlaw.COMPANY_NAME: N_("The password may not be your name.")}
        raise InvalidError(words[flaws[0]], field="password")


async def _one_by_one(session: WriteSession, *whose: str) -> None:
    """Tries at the same instant do not read past each other; on SQLite there is one writer anyway."""
    if session.dialect == "postgresql":
        for name in whose:
            await session.execute(
                text("SELECT pg_advisory_xact_lock(:key, hashtext(:name))"), {"key": TRIES_LOCK, "name": name}
            )


async def _came_from(session: WriteSession, technician: Technician, address: str) -> bool:
    """Whether the technician has logged in or used a set-up link there within the weeks that log-ins are kept."""
    query = select(StaffSession.id).where(
        StaffSession.technician_id == technician.id, StaffSession.address == address, StaffSession.is_complete
    )
    return await session.scalar(query.limit(1)) is not None


async def _wait(session: WriteSession, username: str, address: str, moment: datetime, *, is_known: bool) -> timedelta:
    """The longest that must be waited: by this user here, by whoever is here, by whoever tries this user anywhere."""
    tries = await session.execute(
        select(StaffLoginFailure.username, StaffLoginFailure.at).where(
            StaffLoginFailure.address == address, StaffLoginFailure.at > moment - timedelta(days=1)
        )
    )
    failures = [(name, at) for name, at in tries]
    own = login_wait([at for name, at in failures if name == username], moment)
    recent = sorted(at for _, at in failures if at > moment - ADDRESS_WINDOW)
    crowd = timedelta()
    if len(recent) >= ADDRESS_FAILURES:
        crowd = recent[-ADDRESS_FAILURES] + ADDRESS_WINDOW - moment
    if is_known:
        return max(own, crowd)
    everywhere = await session.scalars(
        select(StaffLoginFailure.at).where(
            StaffLoginFailure.username == username, StaffLoginFailure.at > moment - timedelta(hours=1)
        )
    )
    return max(own, crowd, account_wait(everywhere.all(), moment))
