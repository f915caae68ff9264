"""When the desk is open, as its settings say."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.db import ReadSession
from core.models import HolidayChange, OfficeHours
from core.rules.calendar import Calendar, Span


async def calendar(session: ReadSession, zone: ZoneInfo) -> Calendar:
    """The desk's calendar; ``zone`` is the desk's own."""
    spans = (await session.scalars(select(OfficeHours).order_by(OfficeHours.weekday, OfficeHours.opens))).all()
    week = tuple(
        tuple(Span(span.opens, span.closes) for span in spans if span.weekday == weekday) for weekday in range(7)
    )
    changes = {change.day: change.name for change in await session.scalars(select(HolidayChange))}
    return Calendar(zone, week, changes)
