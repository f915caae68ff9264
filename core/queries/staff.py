"""The people behind the panel: who is logged in, who may be made responsible."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import ApiToken, RecoveryCode, SetupLink, StaffSession, Technician
from core.queries.together import Question
from core.rules.permissions import Permission, Role, allows

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
HALFWAY = timedelta(minutes=15)  # from the password to the second factor


async def session_of(
    session: ReadSession, token_sha256: str, *, at: datetime, is_complete: bool = True
) -> StaffSession | None:
    """The log-in behind a cookie, with its technician, unless it is over at that moment.

    ``is_complete`` False: one that still waits for the second factor, and no other.
    """
    return await session.scalar(_log_in(), log_in(token_sha256, at=at, is_complete=is_complete))


def log_in(token_sha256: str, *, at: datetime, is_complete: bool = True) -> dict[str, object]:
    """What ``in_force`` is asked with."""
    return {
        "token_sha256": token_sha256,
        "idle_since": at - IDLE,
        "begun_after": at - (LONGEST if is_complete else HALFWAY),
        "is_complete": is_complete,
    }


@cache
def _log_in() -> Select[StaffSession]:
    """Asked often, so it is put together once: doing it costs more than running it."""
    return in_force(select(StaffSession)).options(contains_eager(StaffSession.technician))


def in_force(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Of a query for log-ins and their technicians only those that are not over."""
    return query.join(StaffSession.technician).where(
        StaffSession.token_sha256 == bindparam("token_sha256"),
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at > bindparam("idle_since"),
        StaffSession.created_at > bindparam("begun_after"),
        StaffSession.is_complete == bindparam("is_complete"),
        Technician.disabled_at.is_(None),
    )


@dataclass(frozen=True, slots=True)
class Remaining:
    """When a log-in ends if nobody does anything; ``is_idle``: it would go on if somebody did."""

    ends_at: datetime
    is_idle: bool

    @classmethod
    def of(cls, seen_at: datetime, created_at: datetime) -> "Remaining":
        idle, longest = seen_at + IDLE, created_at + LONGEST
        return cls(min(idle, longest), is_idle=idle < longest)


async def still_open(session: ReadSession, ids: Collection[int], *, at: datetime) -> Mapping[int, Remaining]:
    """Those of the log-ins that are not over at that moment, and when they will be."""
    query = (
        select(StaffSession.id, StaffSession.seen_at, StaffSession.created_at)
        .join(StaffSession.technician)
        .where(
            StaffSession.id.in_(ids),
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at > at - IDLE,
            StaffSession.created_at > at - LONGEST,
            Technician.disabled_at.is_(None),
        )
    )
    found = await session.execute(query)
    return {session_id: Remaining.of(seen_at, created_at) for session_id, seen_at, created_at in found}


async def was_session(session: ReadSession, token_sha256: str) -> bool:
    """Whether the cookie was a log-in once, over or not."""
    return await session.scalar(select(StaffSession.id).where(StaffSession.token_sha256 == token_sha256)) is not None


async def by_username(session: ReadSession, username: str) -> Technician | None:
    """The technician of that name, whatever its case; None for a disabled one."""
    return await session.scalar(
        select(Technician).where(
            func.lower(Technician.username) == username.lower(), Technician.disabled_at.is_(None)
        )
    )


async def of_api_token(session: ReadSession, token_sha256: str) -> ApiToken | None:
    """The token of this hash with its technician; None where it is revoked or the technician disabled."""
    return await session.scalar(
        select(ApiToken)
        .join(ApiToken.technician)
        .options(contains_eager(ApiToken.technician))
        .where(
            ApiToken.token_sha256 == token_sha256,
            ApiToken.revoked_at.is_(None),
            Technician.disabled_at.is_(None),
        )
    )


async def setup_link(session: ReadSession, token_sha256: str, *, at: datetime) -> SetupLink | None:
    """A set-up link that can still be used, with its technician."""
    return await session.scalar(
        select(SetupLink)
        .join(SetupLink.technician)
        .where(
            SetupLink.token_sha256 == token_sha256,
            SetupLink.used_at.is_(None),
            SetupLink.expires_at > at,
            Technician.disabled_at.is_(None),
        )
        .options(joinedload(SetupLink.technician))
    )


async def invited_by(session: ReadSession, token_sha256: str) -> Technician | None:
    """Whose set-up link it is, though it opens nothing any more."""
    query = select(Technician).join(SetupLink, SetupLink.technician_id == Technician.id)
    return await session.scalar(query.where(SetupLink.token_sha256 == token_sha256))


class Colleague(NamedTuple):
    """A technician as a list shows one."""

    id: int
    name: str
    role: Role
    is_development: bool


async def developers(session: ReadSession) -> Sequence[Colleague]:
    """Who may be made responsible for a pending ticket: Development, or everybody where nobody is marked as such."""
    return developers_among(await ENABLED.ask(session))


def developers_among(people: Sequence[Colleague]) -> Sequence[Colleague]:
    return [one for one in people if one.is_development] or people


def who_answers_among(people: Sequence[Colleague]) -> Sequence[Colleague]:
    """Whom a ticket may be given to."""
    return [one for one in people if allows(one.role, Permission.ANSWER)]


def _enabled() -> Select[int, str, Role, bool]:
    """Who may come in, by name."""
    query = select(Technician.id, Technician.name, Technician.role, Technician.is_development)
    return query.where(Technician.disabled_at.is_(None)).order_by(Technician.name, Technician.id)


ENABLED = Question(Colleague, _enabled(), is_kept=True)


async def everybody(session: ReadSession) -> Sequence[Technician]:
    """All technicians by name, the disabled ones last."""
    order = (Technician.disabled_at.is_not(None), Technician.name, Technician.id)
    return (await session.scalars(select(Technician).order_by(*order))).all()


async def by_id(session: ReadSession, technician_id: int, *, lock: bool = False) -> Technician:
    """Raises NotFoundError. ``lock`` takes all technicians in one order, so that nobody waits in a ring."""
    query = select(Technician).order_by(Technician.id)
    if lock:
        taken = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        found = next((who for who in await session.scalars(taken) if who.id == technician_id), None)
    else:
        found = await session.scalar(query.where(Technician.id == technician_id))
    if found is None:
        raise NotFoundError
    return found


async def open_sessions(session: ReadSession, technician: Technician, *, at: datetime) -> Sequence[StaffSession]:
    """The log-ins of the technician that are not over, the one seen last first."""
    query = select(StaffSession).where(
        StaffSession.technician_id == technician.id,
        StaffSession.is_complete,
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at > at - IDLE,
        StaffSession.created_at > at - LONGEST,
    )
    return (await session.scalars(query.order_by(StaffSession.seen_at.desc()))).all()


async def tokens(session: ReadSession, technician: Technician) -> Sequence[ApiToken]:
    """The API tokens of the technician that open something, newest first."""
    query = select(ApiToken).where(ApiToken.technician_id == technician.id, ApiToken.revoked_at.is_(None))
    return (await session.scalars(query.order_by(ApiToken.id.desc()))).all()


async def codes_left(session: ReadSession, technician: Technician) -> int:
    """How many codes on paper have not been used."""
    query = select(func.count()).select_from(RecoveryCode)
    unused = query.where(RecoveryCode.technician_id == technician.id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0
