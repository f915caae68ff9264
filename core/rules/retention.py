"""Which backups stay: the newest of each of the last hours, days and weeks that have one."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

SLOT = timedelta(hours=1)

_PERIODS: tuple[Callable[[datetime], tuple[int, ...]], ...] = (
    lambda at: (at.year, at.month, at.day, at.hour),
    lambda at: (at.year, at.month, at.day),
    lambda at: tuple(at.isocalendar())[:2],
)


def is_due(made: Collection[datetime], now: datetime) -> bool:
    """Whether this hour has no backup yet; one from the future (a clock that was wrong) does not count."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    return not any(this_hour <= moment < this_hour + SLOT for moment in made)


def to_drop(made: Collection[datetime], *, hourly: int, daily: int, weekly: int) -> set[datetime]:
    """Moments (aware, all of one zone) whose backups nobody needs; the newest of all always stays."""
    newest_first = sorted(made, reverse=True)
    kept = set(newest_first[:1])
    for count, period in zip((hourly, daily, weekly), _PERIODS, strict=True):
        newest_of: dict[tuple[int, ...], datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(period(moment), moment)
        kept.update(list(newest_of.values())[:count])
    return set(made) - kept
