"""When the parts of the desk were last heard of, whichever process they run in."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from core.db import ReadSession
from core.models import Beat, Heartbeat


async def heartbeats(session: ReadSession) -> Mapping[str, Heartbeat]:
    """All that were ever noted, by name (see ``Beat``)."""
    return {row.name: row for row in await session.scalars(select(Heartbeat))}


async def last(session: ReadSession, name: str) -> Heartbeat | None:
    return await session.scalar(select(Heartbeat).where(Heartbeat.name == name))


async def restored_at(session: ReadSession) -> datetime | None:
    """When the desk came back from a backup, if it ever did: reminders due by then are not said once more."""
    restored = await last(session, Beat.RESTORED)
    return restored.at if restored else None
