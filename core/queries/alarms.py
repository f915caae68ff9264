"""What is wrong with the desk now, and what was of late."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db import ReadSession
from core.models import Alarm
from core.rules.alarms import Level

SHOWN = 20

_OPEN = select(Alarm).where(Alarm.closed_at.is_(None)).order_by(Alarm.since, Alarm.id)  # asked for every page


async def open_alarms(session: ReadSession) -> Sequence[Alarm]:
    """The gravest first, then the oldest."""
    rows = await session.scalars(_OPEN)
    return sorted(rows, key=lambda alarm: alarm.level is not Level.GRAVE)


async def past_alarms(session: ReadSession) -> Sequence[Alarm]:
    """The last that are over, newest first."""
    query = select(Alarm).where(Alarm.closed_at.is_not(None)).order_by(Alarm.closed_at.desc()).limit(SHOWN)
    return (await session.scalars(query)).all()
