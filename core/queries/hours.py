"""When the desk is open, as its settings say."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, Date, Integer, String, cast, null, select, union_all

from core.db import ReadSession
from core.models import HolidayChange, OfficeHours
from core.queries.together import Question
from core.rules.calendar import Calendar, Span, written_spans
from core.rules.holidays import by_law


class Hours(NamedTuple):
    """A stretch of a weekday, or with a ``day`` what the desk decided about it."""

    weekday: int
    opens: int
    closes: int
    day: date | None
    name: str | None


async def calendar(session: ReadSession, zone: ZoneInfo) -> Calendar:
    """The desk's calendar; ``zone`` is the desk's own."""
    return calendar_of(await HOURS.ask(session), zone)


@lru_cache(8)
def calendar_of(rows: Sequence[Hours], zone: ZoneInfo) -> Calendar:
    """The same rows make the same calendar, which knows the days it was asked for."""
    spans = sorted((row.weekday, Span(row.opens, row.closes)) for row in rows if row.day is None)
    week = tuple(tuple(span for on, span in spans if on == weekday) for weekday in range(7))
    return Calendar(zone, week, {row.day: row.name for row in rows if row.day is not None})


def _hours_and_changes() -> CompoundSelect[int, int, int, date, str]:
    no_day = (cast(null(), Date).label("day"), cast(null(), String).label("name"))
    hours = select(OfficeHours.weekday, OfficeHours.opens, OfficeHours.closes, *no_day)
    no_hours = (cast(null(), Integer).label(name) for name in ("weekday", "opens", "closes"))
    return union_all(hours, select(*no_hours, HolidayChange.day, HolidayChange.name))


HOURS = Question(Hours, _hours_and_changes(), is_kept=True)


def written_week(calendar: Calendar) -> dict[str, str]:
    """Weekday (``0`` is Monday) → its hours as one writes them."""
    return {str(weekday): written_spans(spans) for weekday, spans in enumerate(calendar.week)}


def written_holidays(calendar: Calendar, year: int) -> dict[str, str]:
    """Every date of the year that the law or the desk names, as ISO text → its name; empty where it is worked."""
    own = (day for day in calendar.changes if day.year == year)
    return {day.isoformat(): calendar.holiday(day) or "" for day in sorted({*by_law(year), *own})}
