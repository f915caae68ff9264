"""When the desk is open: its hours on each weekday, the holidays, and time counted within them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.rules.holidays import by_law

DAY = 24 * 60  # minutes
MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
FARTHEST = 400  # days looked ahead: a desk that opens on no day of a year does not open
SPANS_LIMIT = 6


class HoursError(ValueError):
    """Hours that cannot be read, or that lie one in the other."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one day, in minutes since its midnight: 0 <= opens < closes <= 1440, else HoursError."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY:
            raise HoursError(f"{self.opens} to {self.closes} is no stretch of a day")


Week = tuple[tuple[Span, ...], ...]
Stretches = Sequence[tuple[datetime, datetime]]
DEFAULT_WEEK: Week = (*((Span(8 * 60, 17 * 60),),) * 5, (), ())


@dataclass(frozen=True)
class Calendar:
    """The desk's week (Monday first), its time zone, and its own decisions about dates.

    ``changes``: a name makes the date a holiday, None makes it a day of work whatever the law says.
    """

    zone: ZoneInfo
    week: Week = DEFAULT_WEEK
    changes: Mapping[date, str | None] = field(default_factory=dict)
    _lengths: dict[date, timedelta] = field(default_factory=dict, init=False, repr=False, compare=False)
    _known: dict[date, Stretches] = field(default_factory=dict, init=False, repr=False, compare=False)

    def holiday(self, day: date) -> str | None:
        """The name of the holiday on this date of the desk, None on any other day."""
        return self.changes[day] if day in self.changes else by_law(day.year).get(day)

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """The stretches of this date; none on a holiday."""
        return () if self.holiday(day) is not None else self.week[day.weekday()]

    def date_of(self, at: datetime) -> date:
        """The desk's date at this moment."""
        return at.astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at the desk; the moment of closing is closed."""
        return any(start <= at < end for start, end in self._stretches(self.date_of(at)))

    def next_opening(self, at: datetime) -> datetime | None:
        """The next moment the desk opens after this one (UTC); None where it never does."""
        return next((start for start, _ in self._from(at) if start > at), None)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes of office time from ``start`` to ``end``; 0 where it does not lie later."""
        total, day, last = timedelta(), self.date_of(start), self.date_of(end)
        for edge in {day, last} if day <= last else ():
            total += sum((_common(stretch, start, end) for stretch in self._stretches(edge)), timedelta())
        while (day := day + ONE_DAY) < last:
            total += self._length(day)
        return total // MINUTE

    def minutes_of(self, pairs: Sequence[tuple[datetime, datetime]]) -> list[int]:
        """``minutes_between`` of each pair: the stretches are added up once for all of them."""
        if not pairs:
            return []
        day, last = self.date_of(min(start for start, _ in pairs)), self.date_of(max(end for _, end in pairs))
        opens, closes, before, total = [], [], [], timedelta()
        while day <= last:
            for start, end in self._stretches(day):
                opens.append(start)
                closes.append(end)
                before.append(total)
                total += end - start
            day += ONE_DAY

        def passed(at: datetime) -> timedelta:
            place = bisect_right(opens, at) - 1
            return before[place] + min(at, closes[place]) - opens[place] if place >= 0 else timedelta()

        return [max(0, (passed(end) - passed(start)) // MINUTE) for start, end in pairs]

    def add_minutes(self, start: datetime, minutes: int) -> datetime | None:
        """The moment when this much office time has passed (UTC); None where the desk never opens.

        0 minutes is the moment itself, or the next opening while the desk is closed.
        """
        left, nothing = minutes * MINUTE, timedelta()
        for opens, closes in self._from(start):
            here = max(opens, start)
            if here + left <= closes:
                return (here + left).astimezone(UTC)
            left -= max(nothing, closes - here)
        return None

    def slots(self, at: datetime, *, days: int = 2, step: int = 60) -> Sequence[datetime]:
        """Times to call at: every ``step`` minutes of the next ``days`` days of work, today included."""
        found: dict[date, list[datetime]] = {}
        for opens, closes in self._from(at):
            day = self.date_of(opens)
            if day not in found and len(found) == days:
                break
            times = [opens + turn * step * MINUTE for turn in range((closes - opens) // (step * MINUTE) + 1)]
            later = [moment for moment in times if at < moment and moment + step * MINUTE <= closes]
            if later:
                found.setdefault(day, []).extend(later)
        return [moment for moments in found.values() for moment in moments]

    def _length(self, day: date) -> timedelta:
        """How long the desk is open on this date."""
        found = self._lengths.get(day)
        if found is None:
            stretches = self._stretches(day)
            found = self._lengths[day] = sum((closes - opens for opens, closes in stretches), timedelta())
        return found

    def _stretches(self, day: date) -> Stretches:
        if day not in self._known:
            midnight = datetime.combine(day, time(), self.zone)
            self._known[day] = [
                ((midnight + span.opens * MINUTE).astimezone(UTC), (midnight + span.closes * MINUTE).astimezone(UTC))
                for span in self.hours_on(day)
            ]
        return self._known[day]

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches that have not ended at this moment, in order."""
        first = self.date_of(at)
        for offset in range(FARTHEST):
            yield from (stretch for stretch in self._stretches(first + timedelta(days=offset)) if stretch[1] > at)


def read_spans(text: str) -> tuple[Span, ...]:
    """``08:00-12:30, 14:00-18:00`` as stretches in order; empty: closed. Raises HoursError."""
    parts = [part for part in text.replace("–", "-").replace(";", ",").split(",") if part.strip()]
    spans = sorted(_span(part) for part in parts)
    if len(spans) > SPANS_LIMIT or any(later.opens <= earlier.closes for earlier, later in pairwise(spans)):
        raise HoursError("stretches of one day lie apart")
    return tuple(spans)


def written_spans(spans: Sequence[Span]) -> str:
    """As ``read_spans`` reads it."""
    return ", ".join(f"{clock(span.opens)}-{clock(span.closes)}" for span in spans)


def clock(minutes: int) -> str:
    """Minutes since midnight as HH:MM; 1440 is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _span(text: str) -> Span:
    opens, dash, closes = text.partition("-")
    if not dash:
        raise HoursError(text)
    return Span(_minutes(opens), _minutes(closes))


def _minutes(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not (hours.isascii() and hours.isdigit() and len(hours) <= 2):
        raise HoursError(text)
    if colon and not (minutes.isascii() and minutes.isdigit() and len(minutes) == 2 and int(minutes) < 60):
        raise HoursError(text)
    return int(hours) * 60 + int(minutes or 0)


def _common(stretch: tuple[datetime, datetime], start: datetime, end: datetime) -> timedelta:
    return max(timedelta(), min(stretch[1], end) - max(stretch[0], start))
