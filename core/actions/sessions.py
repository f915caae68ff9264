"""Log-ins of the panel: each try is written down before it is judged, so that many at once gain nothing."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from core import passwords
from core.actions.staff import PASSWORD_SHORTEST, token_sha256
from core.clock import now
from core.db import WriteSession
from core.errors import DeskError, InvalidError, NotFoundError, TooOftenError
from core.i18n import N_
from core.models import SetupLink, StaffLoginFailure, StaffSession, Technician
from core.queries import staff
from core.render.words import PASSWORD_FLAW_WORDS
from core.rules.identity import PasswordFlaw, login_wait, normalise_password, password_flaws

ADDRESS_FAILURES = 30  # an office shares one address
ADDRESS_WINDOW = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=1)  # a write for each page would queue behind the desk's work


class WrongLoginError(DeskError):
    """One message for an unknown user and for a wrong password."""

    message = N_("User or password are not right.")


@dataclass(frozen=True, slots=True)
class Try:
    """A log-in that waits for its verdict; it counts as failed until then."""

    username: str
    address: str
    technician_id: int | None
    password_hash: str | None
    has_second_factor: bool = False


async def begin(session: WriteSession, *, username: str, address: str) -> Try:
    """Note a try to log in. Raises TooOftenError, which is not counted as a further one."""
    moment, name = now(), username.strip().lower()[:64]
    wait = await _wait(session, name, address, moment)
    if wait:
        raise TooOftenError(wait)
    session.add(StaffLoginFailure(username=name, address=address, at=moment))
    technician = await staff.by_username(session, name)
    return Try(
        username=name,
        address=address,
        technician_id=technician.id if technician else None,
        password_hash=technician.password_hash if technician else None,
        has_second_factor=technician is not None and technician.totp_secret is not None,
    )


async def judge(attempt: Try, password: str) -> int:
    """The id of the technician. Raises WrongLoginError after the same work, whether the user exists or not."""
    is_right = await passwords.matches(normalise_password(password), attempt.password_hash)
    if not is_right or attempt.technician_id is None:
        raise WrongLoginError
    return attempt.technician_id


async def start(
    session: WriteSession, attempt: Try, technician_id: int, *, agent: str = "", is_complete: bool = True
) -> str:
    """Open a session after a right password. Returns the token for the cookie.

    The failed tries are forgotten, but only where nothing else is asked for: with the password alone nobody may
    start the counting of codes anew.
    """
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
            is_complete=is_complete,
        )
    )
    return token


async def begin_code(session: WriteSession, technician: Technician, *, address: str) -> None:
    """Note a try of the second factor, wherever from: who is here knows the password. Raises TooOftenError."""
    moment, name = now(), _code_name(technician)
    tries = await session.scalars(
        select(StaffLoginFailure.at).where(
            StaffLoginFailure.username == name, StaffLoginFailure.at > moment - timedelta(days=1)
        )
    )
    wait = login_wait(list(tries), moment)
    if wait:
        raise TooOftenError(wait)
    session.add(StaffLoginFailure(username=name, address=address, at=moment))


async def complete(session: WriteSession, technician: Technician, session_id: int, *, address: str) -> str:
    """The second factor was right: the session opens everything, under a new token. Raises NotFoundError."""
    token, moment = secrets.token_urlsafe(32), now()
    completed = await session.scalars(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None), StaffSession.is_complete.is_(False))
        .values(
            token_sha256=token_sha256(token),
            csrf_token=secrets.token_urlsafe(32),
            created_at=moment,
            seen_at=moment,
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
    await session.execute(
        delete(StaffLoginFailure).where(StaffLoginFailure.username == username, StaffLoginFailure.address == address)
    )


def _code_name(technician: Technician) -> str:
    """No user is called like this: a wrong code is counted beside wrong passwords."""
    return f"code:{technician.username}"[:64]


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


async def choose_password(session: WriteSession, token: str, *, password_hash: str) -> Technician:
    """Use a set-up link, once: the technician has a password and older sessions are over.

    Raises NotFoundError for a link that is unknown, used or too old. The password was checked
    (``check_password``) and hashed before the transaction, that takes a while.
    """
    moment = now()
    link = await staff.setup_link(session, token_sha256(token), at=moment)
    if link is None:
        raise NotFoundError
    technician = link.technician
    technician.password_hash = password_hash
    for table, column in ((SetupLink, SetupLink.used_at), (StaffSession, StaffSession.ended_at)):
        await session.execute(
            update(table).where(table.technician_id == technician.id, column.is_(None)).values({column: moment})
        )
    return technician


def check_password(password: str, technician: Technician) -> None:
    """Raises InvalidError when the password is too weak for this technician."""
    if len(normalise_password(password)) < PASSWORD_SHORTEST:
        raise InvalidError(N_("The password needs at least %(n)s characters."), field="password", n=PASSWORD_SHORTEST)
    flaws = password_flaws(password, ruc="", company_name=f"{technician.username} {technician.name}")
    if flaws:
        words = {**PASSWORD_FLAW_WORDS, PasswordFlaw.COMPANY_NAME: N_("The password may not be your name.")}
        raise InvalidError(words[flaws[0]], field="password")


async def _wait(session: WriteSession, username: str, address: str, moment: datetime) -> timedelta:
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
    return max(own, crowd)
