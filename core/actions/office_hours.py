"""The desk sets when it is open."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from core.actions import desk_settings
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import HolidayChange, OfficeHours, Technician
from core.queries import hours
from core.rules.calendar import HoursError, Span, read_spans
from core.rules.holidays import by_law


async def set_week(session: WriteSession, actor: Technician, wanted: Fields, *, seen: Fields, zone: ZoneInfo) -> None:
    """The hours of each weekday, ``{"0": "08:00-12:00, 13:00-17:00", …}``; Monday is 0.

    Raises InvalidError (field: the weekday), StaleError, ForbiddenError.
    """
    await desk_settings.begin(session, actor)
    week = {weekday: _spans(wanted.get(str(weekday), ""), str(weekday)) for weekday in range(7)}
    before = hours.written_week(await hours.calendar(session, zone))
    desk_settings.refuse_stale(seen, before)
    await session.execute(delete(OfficeHours))
    session.add_all(
        OfficeHours(weekday=weekday, opens=span.opens, closes=span.closes)
        for weekday, spans in week.items()
        for span in spans
    )
    await session.flush()
    after = hours.written_week(await hours.calendar(session, zone))
    desk_settings.note(session, actor, "hours", before=before, after=after)


async def set_holidays(
    session: WriteSession,
    actor: Technician,
    year: int,
    *,
    closed: Mapping[date, str],
    seen: Fields,
    zone: ZoneInfo,
) -> None:
    """The dates of a year on which the desk does not work, with their names; every other one is a day of work.

    Raises StaleError, ForbiddenError.
    """
    await desk_settings.begin(session, actor)
    before = hours.written_holidays(await hours.calendar(session, zone), year)
    desk_settings.refuse_stale(seen, before)
    law = by_law(year)
    await session.execute(
        delete(HolidayChange).where(HolidayChange.day >= date(year, 1, 1), HolidayChange.day <= date(year, 12, 31))
    )
    named = {day: name for day, name in closed.items() if law.get(day) != name}
    worked = {day: None for day in law if day not in closed}
    session.add_all(HolidayChange(day=day, name=name) for day, name in {**named, **worked}.items())
    await session.flush()
    after = hours.written_holidays(await hours.calendar(session, zone), year)
    desk_settings.note(session, actor, f"holidays {year}", before=before, after=after)


def _spans(text: str, field: str) -> tuple[Span, ...]:
    try:
        return read_spans(text)
    except HoursError:
        raise InvalidError(
            N_("Write hours such as 08:00-12:00, 13:00-17:00; leave it empty for a day without work."), field=field
        ) from None
