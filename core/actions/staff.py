"""Users of the panel: made, given a set-up link or a token."""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from core.actions import audit, staff_chats
from core.actions.authorize import authorize
from core.actions.desk_settings import Fields, refuse_stale
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import ApiToken, SetupLink, StaffSession, Technician
from core.rules.permissions import Permission, Role

SETUP_LINK_LIVES = timedelta(hours=72)
PASSWORD_SHORTEST = 8


def token_sha256(token: str) -> str:
    """What is stored of a session, a link or an API token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def add_technician(
    session: WriteSession,
    *,
    username: str,
    name: str,
    role: Role = Role.TECHNICIAN,
    password_hash: str | None = None,
    is_development: bool = False,
    actor: Technician | None = None,
) -> Technician:
    """A new user of the panel (``actor`` None: by the command line).

    Without a password hash one needs a set-up link to enter.
    """
    if actor is not None:
        authorize(actor, Permission.EDIT_TECHNICIANS)
    username = username.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,63}", username):
        raise InvalidError(N_("%(username)s cannot be a user name."), field="username", username=username)
    if await session.scalar(select(Technician.id).where(Technician.username == username)):
        raise ConflictError(N_("There is a user %(username)s already."), username=username)
    technician = Technician(
        username=username,
        name=name.strip()[:128] or username,
        role=role,
        password_hash=password_hash,
        is_development=is_development,
        created_at=now(),
    )
    session.add(technician)
    await session.flush()
    audit.record(session, actor, "technician.added", on=f"technician {username}", role=role.value)
    return technician


async def setup_link(session: WriteSession, technician: Technician) -> str:
    """The token of a one-time link, valid for 72 h."""
    token = secrets.token_urlsafe(32)
    session.add(
        SetupLink(token_sha256=token_sha256(token), technician_id=technician.id, expires_at=now() + SETUP_LINK_LIVES)
    )
    return token


async def api_token(session: WriteSession, username: str) -> str:
    """A new bearer token with the rights of the technician, shown this once."""
    technician = await session.scalar(select(Technician).where(Technician.username == username.strip().lower()))
    if technician is None:
        raise NotFoundError(N_("There is no user %(username)s."), username=username)
    token = secrets.token_urlsafe(32)
    session.add(ApiToken(token_sha256=token_sha256(token), technician_id=technician.id, created_at=now()))
    audit.record(session, None, "technician.token_made", on=f"technician {technician.username}")
    return token


async def give_setup_link(session: WriteSession, actor: Technician, technician: Technician) -> str:
    """A set-up link from the panel; the ones before lead nowhere any more, and no API token opens anything.

    Returns the link's token.
    """
    authorize(actor, Permission.EDIT_TECHNICIANS)
    if technician.disabled_at is not None:
        raise ConflictError(N_("This user is disabled."))
    await session.execute(
        update(SetupLink)
        .where(SetupLink.technician_id == technician.id, SetupLink.used_at.is_(None))
        .values(used_at=now())
    )
    revoked = await revoke_tokens(session, technician)
    audit.record(session, actor, "technician.link_made", on=f"technician {technician.username}", **revoked)
    return await setup_link(session, technician)


async def change(
    session: WriteSession,
    actor: Technician,
    technician: Technician,
    *,
    name: str,
    role: Role,
    is_development: bool,
    seen: Fields,
) -> None:
    """Name, role and mark of a technician, locked; a new role ends the sessions. One entry, none without a change.

    ``seen``: what it replaces, as ``written`` says it. Raises InvalidError, StaleError, ForbiddenError.
    """
    authorize(actor, Permission.EDIT_TECHNICIANS)
    refuse_stale(seen, written(technician))
    name = " ".join(name.split())[:128]
    if not name:
        raise InvalidError(N_("Write a name."), field="name")
    wanted = {"name": name, "role": role, "is_development": is_development}
    before = {field: getattr(technician, field) for field in wanted if getattr(technician, field) != wanted[field]}
    if not before:
        return
    if "role" in before:
        await _keep_an_administrator(session, technician)
        await end_sessions(session, technician)
    for field in before:
        setattr(technician, field, wanted[field])
    audit.record(
        session,
        actor,
        "technician.changed",
        on=f"technician {technician.username}",
        before=before,
        after={field: wanted[field] for field in before},
    )


def written(technician: Technician) -> Fields:
    """Name, role and mark as their form has them."""
    return {
        "name": technician.name,
        "role": technician.role.value,
        "is_development": "on" if technician.is_development else "",
    }


async def disable(session: WriteSession, actor: Technician, technician: Technician) -> None:
    """Nobody enters under the name any more, by the panel or the API. Raises ConflictError for the last one."""
    authorize(actor, Permission.EDIT_TECHNICIANS)
    if technician.disabled_at is not None:
        return
    await _keep_an_administrator(session, technician)
    technician.disabled_at = now()
    await end_sessions(session, technician)
    await staff_chats.part(session, technician)
    audit.record(session, actor, "technician.disabled", on=f"technician {technician.username}")


async def enable(session: WriteSession, actor: Technician, technician: Technician) -> None:
    authorize(actor, Permission.EDIT_TECHNICIANS)
    if technician.disabled_at is None:
        return
    technician.disabled_at = None
    audit.record(session, actor, "technician.enabled", on=f"technician {technician.username}")


async def end_sessions(session: WriteSession, technician: Technician) -> None:
    await session.execute(
        update(StaffSession)
        .where(StaffSession.technician_id == technician.id, StaffSession.ended_at.is_(None))
        .values(ended_at=now())
    )


async def revoke_tokens(session: WriteSession, technician: Technician) -> dict[str, int]:
    """No program works in the technician's name any more; how many could, for the audit, and nothing for none."""
    revoked = await session.scalars(
        update(ApiToken)
        .where(ApiToken.technician_id == technician.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(ApiToken.id)
    )
    count = len(revoked.all())
    return {"tokens": count} if count else {}


async def revoke_sessions(session: WriteSession, actor: Technician, technician: Technician) -> None:
    """Log a technician out everywhere, programs in the technician's name too."""
    authorize(actor, Permission.EDIT_TECHNICIANS)
    await end_sessions(session, technician)
    revoked = await revoke_tokens(session, technician)
    audit.record(session, actor, "technician.sessions_revoked", on=f"technician {technician.username}", **revoked)


async def _keep_an_administrator(session: WriteSession, technician: Technician) -> None:
    """Raises ConflictError where the desk would be left without one. All technicians are locked."""
    if technician.role is not Role.ADMINISTRATOR or technician.disabled_at is not None:
        return
    enabled = select(Technician.id).where(Technician.role == Role.ADMINISTRATOR, Technician.disabled_at.is_(None))
    if set(await session.scalars(enabled)) == {technician.id}:
        raise ConflictError(N_("The desk needs at least one administrator."))
