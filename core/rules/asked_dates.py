"""Days as people write them: ``12/10/2026``, ``octubre``, ``la semana pasada``, ``desde … hasta …``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.rules.periods import MEANT

DAY = timedelta(days=1)

_MONTHS: Mapping[str, int] = {
    name: month
    for names in (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "january february march april may june july august september october november december",
    )
    for month, name in enumerate(names.split(), start=1)
} | {"setiembre": 9}

_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Found:
    """Days at the beginning of a text, of how many words; ``may_be_words``: a month's name alone."""

    days: Days
    length: int
    may_be_words: bool = False


def this_month(today: date) -> Days:
    return _month(today.year, today.month)


def last_month(today: date) -> Days:
    before = today.replace(day=1) - DAY
    return _month(before.year, before.month)


def read_days(words: Sequence[str], *, today: date) -> Found | None:
    """The days that stand at the beginning of the words (case and accents aside)."""
    for opening, closings in _RANGES.items():
        if words[:1] == [opening] and (found := _range(words, closings, today)) is not None:
            return found
    if words[:1] == ["hasta"] and (end := _one(words[1:], today)) is not None:
        return Found(Days(None, end.days.last), end.length + 1)
    if words[:1] in (["en"], ["in"]) and (found := _one(words[1:], today)) is not None:
        return Found(found.days, found.length + 1)
    return _one(words, today)


# how a range begins, how it goes on, and whether it may stay open
_RANGES: Mapping[str, tuple[frozenset[str], bool]] = {
    "desde": (frozenset({"hasta", "al", "a"}), True),
    "since": (frozenset({"until", "to"}), True),
    "from": (frozenset({"until", "to"}), False),
    "del": (frozenset({"al", "hasta"}), False),
    "de": (frozenset({"a", "hasta"}), False),
    "entre": (frozenset({"y"}), False),
}


def _range(words: Sequence[str], how: tuple[frozenset[str], bool], today: date) -> Found | None:
    closings, may_stay_open = how
    skipped = 2 if words[1:2] == ["el"] else 1
    begin = _one(words[skipped:], today)
    if begin is None:
        return None
    at = skipped + begin.length
    if len(words) > at and words[at] in closings:
        skipped = 2 if words[at + 1 : at + 2] == ["el"] else 1
        end = _one(words[at + skipped :], today)
        if end is not None:
            return Found(Days(begin.days.first, end.days.last), at + skipped + end.length)
    return Found(Days(begin.days.first, None), at) if may_stay_open else None


def _one(words: Sequence[str], today: date) -> Found | None:
    if not words:
        return None
    for phrase, days in _NAMED.items():
        if tuple(words[: len(phrase)]) == phrase:
            return Found(days(today), len(phrase))
    return _in_digits(words[0], today) or _day_of_month(words, today) or _of_month(words, today)


def _in_digits(word: str, today: date) -> Found | None:
    if (iso := _ISO.fullmatch(word)) is not None:
        day = _date(int(iso[1]), int(iso[2]), int(iso[3]))
    elif (found := _NUMBERS.fullmatch(word)) is not None:
        year = int(found[3]) if found[3] else None
        day = _latest(today, int(found[2]), int(found[1])) if year is None else None
        if year is not None:
            day = _date(year if year > 99 else 2000 + year, int(found[2]), int(found[1]))
    else:
        return None
    return Found(Days(day, day), 1) if day else None


def _day_of_month(words: Sequence[str], today: date) -> Found | None:
    """``12 de octubre``, ``12 de octubre de 2026``, ``12 october``."""
    if not (words[0].isdecimal() and len(words[0]) <= 2):
        return None
    at = 2 if words[1:2] == ["de"] else 1
    month = _MONTHS.get(words[at]) if len(words) > at else None
    if month is None:
        return None
    year, length = _year(words[at + 1 :])
    day = _date(year, month, int(words[0])) if year else _latest(today, month, int(words[0]))
    return Found(Days(day, day), at + 1 + length) if day else None


def _of_month(words: Sequence[str], today: date) -> Found | None:
    month = _MONTHS.get(words[0])
    if month is None:
        return None
    year, length = _year(words[1:])
    if year:
        return Found(_month(year, month), 1 + length)
    latest = today.year if month <= today.month else today.year - 1
    return Found(_month(latest, month), 1, may_be_words=True)


def _year(words: Sequence[str]) -> tuple[int | None, int]:
    """A year, with ``de`` or ``del`` before it, and how many words that are."""
    skipped = 1 if words[:1] in (["de"], ["del"]) else 0
    if len(words) > skipped and _YEAR.fullmatch(words[skipped]):
        return int(words[skipped]), skipped + 1
    return None, 0


def _latest(today: date, month: int, day: int) -> date | None:
    """A day without its year is the last one that was."""
    for year in range(today.year, today.year - 8, -1):  # the 29th of February comes every 4 or 8 years
        found = _date(year, month, day)
        if found is not None and found <= today:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in MEANT else None
    except ValueError:
        return None


def _month(year: int, month: int) -> Days:
    following = date(year + month // 12, month % 12 + 1, 1)
    return Days(date(year, month, 1), following - DAY)


def _week(today: date, *, ago: int = 0) -> Days:
    monday = today - DAY * (today.weekday() + 7 * ago)
    return Days(monday, monday + 6 * DAY)


def _day(today: date, *, ago: int = 0) -> Days:
    return Days(today - DAY * ago, today - DAY * ago)


def _whole_year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


_NAMED: Mapping[tuple[str, ...], Callable[[date], Days]] = {
    ("hoy",): _day,
    ("today",): _day,
    ("ayer",): lambda today: _day(today, ago=1),
    ("yesterday",): lambda today: _day(today, ago=1),
    ("anteayer",): lambda today: _day(today, ago=2),
    ("esta", "semana"): _week,
    ("this", "week"): _week,
    ("la", "semana", "pasada"): lambda today: _week(today, ago=1),
    ("semana", "pasada"): lambda today: _week(today, ago=1),
    ("last", "week"): lambda today: _week(today, ago=1),
    ("este", "mes"): this_month,
    ("this", "month"): this_month,
    ("el", "mes", "pasado"): last_month,
    ("mes", "pasado"): last_month,
    ("last", "month"): last_month,
    ("este", "ano"): lambda today: _whole_year(today.year),
    ("this", "year"): lambda today: _whole_year(today.year),
    ("el", "ano", "pasado"): lambda today: _whole_year(today.year - 1),
    ("ano", "pasado"): lambda today: _whole_year(today.year - 1),
    ("last", "year"): lambda today: _whole_year(today.year - 1),
}
