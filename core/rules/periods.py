"""Ranges of dates and the days, weeks or months they are counted in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST = 62  # steps of a range that a chart still shows apart
YEARS = 5
MEANT = range(2000, 2200)  # years somebody may mean; others are slips, and near the ends of time itself


def day_of(text: str) -> date | None:
    """An ISO date, None for anything else and for years nobody means."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in MEANT else None


class Step(StrEnum):
    """What a range is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Preset(StrEnum):
    """A range that needs no dates."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"
    YEAR = "365"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first date to the last, both included, as the desk's clock has them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The moment it is over (UTC)."""
        return midnight(self.following, self.zone)

    @property
    def following(self) -> date:
        """The first date after it."""
        return self.last + timedelta(days=1)

    def steps(self, step: Step) -> Sequence[date]:
        """The first date of each step within, in order; the first one may have begun before."""
        found = [_START[step](self.first)]
        while (following := _NEXT[step](found[-1])) <= self.last:
            found.append(following)
        return found

    def fitting(self, wished: Step | None) -> Step:
        """The wished step, or the next longer one while there are too many to be told apart."""
        steps = list(Step)
        for step in steps[steps.index(wished) if wished else 0 :]:
            if len(self.steps(step)) <= (LONGEST if wished else LONGEST // 2):
                return step
        return Step.MONTH


def period(first: date, last: date, zone: ZoneInfo) -> Period:
    """At most YEARS long and never backwards: dates given the wrong way round are turned."""
    first, last = min(first, last), max(first, last)
    return Period(max(first, last - timedelta(days=366 * YEARS)), last, zone)


def month(text: str, zone: ZoneInfo) -> Period | None:
    """The whole month that ``2026-11`` names; None for anything else and for years nobody means."""
    year, _, number = text.partition("-")
    is_month = len(text) == 7 and text.isascii() and year.isdigit() and number.isdigit()
    if not is_month or int(year) not in MEANT or not 1 <= int(number) <= 12:
        return None
    return month_of(datetime(int(year), int(number), 1, tzinfo=zone), zone)


def month_of(moment: datetime, zone: ZoneInfo) -> Period:
    """The whole month of a moment."""
    first = moment.astimezone(zone).date().replace(day=1)
    return Period(first, _NEXT[Step.MONTH](first) - timedelta(days=1), zone)


def month_before(day: date) -> date:
    """The first date of the month before the one of this date."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment a date begins (UTC)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


_START: Mapping[Step, Callable[[date], date]] = {
    Step.DAY: lambda day: day,
    Step.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Step.MONTH: lambda day: day.replace(day=1),
}
_NEXT: Mapping[Step, Callable[[date], date]] = {
    Step.DAY: lambda day: day + timedelta(days=1),
    Step.WEEK: lambda day: day + timedelta(days=7),
    Step.MONTH: lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
}
