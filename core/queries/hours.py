"""When the desk is open, as its settings say."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.db import ReadSession
from core.models import HolidayChange, OfficeHours
from core.rules.calendar import Calendar, Span, written_spans
from core.rules.holidays import by_law


async def calendar(session: ReadSession, zone: ZoneInfo) -> Calendar:
    """The desk's calendar; ``zone`` is the desk's own."""
    spans = (await session.scalars(select(OfficeHours).order_by(OfficeHours.weekday, OfficeHours.opens))).all()
    week = tuple(
        tuple(Span(span.opens, span.closes) for span in spans if span.weekday == weekday) for weekday in range(7)
    )
    changes = {change.day: change.name for change in await session.scalars(select(HolidayChange))}
    return Calendar(zone, week, changes)


def written_week(calendar: Calendar) -> dict[str, str]:
    """Weekday (``0`` is Monday) → its hours as one writes them."""
    return {str(weekday): written_spans(spans) for weekday, spans in enumerate(calendar.week)}


def written_holidays(calendar: Calendar, year: int) -> dict[str, str]:
    """Every date of the year that the law or the desk names, as ISO text → its name; empty where it is worked."""
    own = (day for day in calendar.changes if day.year == year)
    return {day.isoformat(): calendar.holiday(day) or "" for day in sorted({*by_law(year), *own})}
