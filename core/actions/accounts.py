"""What technicians change about themselves: name, password, sessions, tokens – and what an administrator ends."""

import secrets
from datetime import datetime

from sqlalchemy import select, update

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.sessions import Try
from core.actions.staff import token_sha256
from core.clock import now
from core.db import ROW, WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import ApiToken, SetupLink, StaffSession, Technician
from core.rules.permissions import Permission

NAME_LIMIT = 64


def rename(session: WriteSession, technician: Technician, name: str) -> None:
    """How customers and colleagues read it. Raises InvalidError."""
    name = " ".join(name.split())[:128]
    if not name:
        raise InvalidError(N_("Write a name."), field="name")
    if name != technician.name:
        audit.record(
            session,
            technician,
            "account.renamed",
            on=f"technician {technician.username}",
            changes={"name": [technician.name, name]},
        )
        technician.name = name


async def require_still(session: WriteSession, technician: Technician, proof: Try, *, kept: int) -> None:
    """What was proved with a password is done only while that is the password, and the log-in open.

    Whoever chooses another one waits for the end of this transaction. Raises ConflictError.
    """
    await session.refresh(technician, with_for_update=ROW)
    found = await session.scalar(
        select(StaffSession.id).where(StaffSession.id == kept, StaffSession.ended_at.is_(None))
    )
    if found is None or technician.disabled_at is not None or technician.password_hash != proof.password_hash:
        raise ConflictError(N_("Your password or your log-in has been changed meanwhile. Log in again."))


async def change_password(session: WriteSession, technician: Technician, *, hashed: str, kept: int) -> None:
    """A new password; every other session, and every set-up link, is over. It was checked and hashed before."""
    technician.password_hash = hashed
    await end_other_sessions(session, technician, kept=kept)
    await session.execute(
        update(SetupLink)
        .where(SetupLink.technician_id == technician.id, SetupLink.used_at.is_(None))
        .values(used_at=now())
    )
    audit.record(session, technician, "account.password_changed", on=f"technician {technician.username}")


async def end_other_sessions(session: WriteSession, technician: Technician, *, kept: int) -> None:
    await session.execute(
        update(StaffSession)
        .where(StaffSession.technician_id == technician.id, StaffSession.id != kept, StaffSession.ended_at.is_(None))
        .values(ended_at=now())
    )


async def end_session(session: WriteSession, actor: Technician, technician: Technician, session_id: int) -> None:
    """One log-in, one's own or by an administrator somebody's. Raises NotFoundError, ForbiddenError."""
    ended = await session.scalars(
        update(StaffSession)
        .where(
            StaffSession.id == session_id,
            StaffSession.technician_id == technician.id,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now())
        .returning(StaffSession.id)
    )
    if ended.first() is None:
        raise NotFoundError
    if actor.id != technician.id:
        authorize(actor, Permission.EDIT_TECHNICIANS)
        audit.record(session, actor, "technician.session_ended", on=f"technician {technician.username}")


def make_token(session: WriteSession, technician: Technician, name: str) -> str:
    """A token of the API with the rights of the technician, shown this once. Raises InvalidError."""
    name = " ".join(name.split())[:NAME_LIMIT]
    if not name:
        raise InvalidError(N_("Write what the token is for."), field="token_name")
    token = secrets.token_urlsafe(32)
    row = ApiToken(token_sha256=token_sha256(token), technician_id=technician.id, name=name, created_at=now())
    session.add(row)
    audit.record(session, technician, "technician.token_made", on=f"technician {technician.username}", name=name)
    return token


async def touch_token(session: WriteSession, token: ApiToken, *, at: datetime) -> None:
    """A program was here."""
    await session.execute(update(ApiToken).where(ApiToken.id == token.id).values(used_at=at))


async def revoke_token(session: WriteSession, actor: Technician, technician: Technician, token_id: int) -> None:
    """The token opens nothing any more. Raises NotFoundError, ForbiddenError."""
    token = await session.scalar(
        select(ApiToken).where(
            ApiToken.id == token_id, ApiToken.technician_id == technician.id, ApiToken.revoked_at.is_(None)
        )
    )
    if token is None:
        raise NotFoundError
    if actor.id != technician.id:
        authorize(actor, Permission.EDIT_TECHNICIANS)
    token.revoked_at = now()
    audit.record(session, actor, "technician.token_revoked", on=f"technician {technician.username}", name=token.name)
