"""Ecuador's days of rest by law, and what the desk decides otherwise for a date."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

_MOVED = " (observado)"
_SATURDAY = 5
_FARTHEST_MOVE = timedelta(days=3)
_SOULS_AND_CUENCA = ("Día de Difuntos", "Independencia de Cuenca")

# 2 and 3 November are two days in a row and move together; the library moves each alone.
# Weekday of 2 November (0 is Monday) → the two days of rest, counted from it.
_NOVEMBER: Mapping[int, tuple[int, int]] = {
    0: (0, 1),
    1: (-1, 0),
    2: (1, 2),
    3: (0, 1),
    4: (-1, 0),
    5: (-1, 2),
    6: (1, 2),
}


@cache
def by_law(year: int) -> Mapping[date, str]:
    """Date → name. A day of rest that the law moves is named where it is moved to; weekend dates stay named."""
    # read on first use: a tenth of a second that not every process needs to pay at its start
    from holidays.countries.ecuador import Ecuador

    found = dict(Ecuador(years=year, language="es"))  # type: ignore[no-untyped-call]  # the library's own
    found = {day: name for day, name in found.items() if not any(known in name for known in _SOULS_AND_CUENCA)}
    moved = {day: name.removesuffix(_MOVED) for day, name in found.items() if name.endswith(_MOVED)}
    days = {
        day: moved.get(day, name)
        for day, name in found.items()
        if day in moved or day.weekday() >= _SATURDAY or not _is_moved(day, name, moved)
    }
    second = date(year, 11, 2)
    for offset, name in zip(_NOVEMBER[second.weekday()], _SOULS_AND_CUENCA, strict=True):
        days[second + timedelta(days=offset)] = name
    return dict(sorted(days.items()))


def _is_moved(day: date, name: str, moved: Mapping[date, str]) -> bool:
    return any(name == other and abs(day - to) <= _FARTHEST_MOVE for to, other in moved.items())
