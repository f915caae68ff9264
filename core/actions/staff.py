"""Users of the panel: made, given a set-up link or a token."""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import select

from core.actions import audit
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import ApiToken, SetupLink, Technician
from core.rules.permissions import Role

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
) -> Technician:
    """A new user of the panel; without a password hash one needs a set-up link to enter."""
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
    audit.record(session, None, "technician.added", on=f"technician {username}", role=role.value)
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
