"""Whoever takes the desk's data away is written down, and not without end."""

from datetime import timedelta

from sqlalchemy import select

from core.actions import audit
from core.clock import now
from core.db import WriteSession
from core.errors import TooOftenError
from core.i18n import N_
from core.models import AuditEntry, Technician

MOST = 20
WINDOW = timedelta(minutes=15)
ASKED_LIMIT = 200
EXPORTED = "data.exported"


class TooManyExportsError(TooOftenError):
    message = N_("Too many downloads. Wait %(minutes)s min and try again.")


async def note(session: WriteSession, actor: Technician, what: str, *, asked: str) -> None:
    """One export in the audit, before it is made; ``asked`` is its filter. Raises TooManyExportsError."""
    moment = now()
    await session.get_one(Technician, actor.id, with_for_update=True)  # two at once are counted one after the other
    recent = await session.scalars(
        select(AuditEntry.at)
        .where(AuditEntry.technician_id == actor.id, AuditEntry.action == EXPORTED, AuditEntry.at > moment - WINDOW)
        .order_by(AuditEntry.at.desc())
        .limit(MOST)
    )
    times = recent.all()
    if len(times) == MOST:
        raise TooManyExportsError(times[-1] + WINDOW - moment)
    audit.record(session, actor, EXPORTED, on=f"export {what}", asked=asked[:ASKED_LIMIT])
