"""What the desk asks a customer for: its sorts, the times offered for a call, and when it is said again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from core.rules.calendar import Calendar
from core.rules.calls import CallOutcome


class Asks(StrEnum):
    """What is wanted of the customer; what fits no other sort is an answer in words."""

    TIME = "time"
    FILE = "file"
    CODE = "code"
    OTHER = "other"


# What a call that reached nobody's machine leaves to be asked; the others leave nothing.
ASKED_AFTER_CALL: Mapping[CallOutcome, Asks] = {
    CallOutcome.NO_ANSWER: Asks.TIME,
    CallOutcome.BUSY: Asks.TIME,
    CallOutcome.ANSWERED_NO_ACCESS: Asks.TIME,
    CallOutcome.WRONG_NUMBER: Asks.OTHER,
}

OFFERED = 6  # what a phone shows without scrolling
DAYS = 2
FARTHEST_SLOT = timedelta(days=31)
EARLY = timedelta(minutes=30)  # a call so much before the hour agreed is that call
HEADWAY = timedelta(minutes=20)  # somebody has to read the push, and somebody to see the answer

# Office minutes after the request, and after its first reminder; there is no third.
REMINDED_AFTER = (4 * 60, 9 * 60)


def slots(calendar: Calendar, at: datetime) -> Sequence[datetime]:
    """Up to six times for a call (UTC), whole hours of the next two days of work; none where the desk never opens.

    Of each day some from its beginning to its end, for who is free in the afternoon only.
    """
    open_hours = calendar.slots(at + HEADWAY, days=DAYS)
    days = [list(day) for _, day in groupby(open_hours, key=calendar.date_of)]
    left, offered = OFFERED, list[datetime]()
    for place, day in enumerate(days):
        fair = left // (len(days) - place)
        rest = sum(len(later) for later in days[place + 1 :])
        share = min(len(day), max(fair, left - rest))
        offered += _spread(day, share)
        left -= share
    return offered


def is_slot(calendar: Calendar, wanted: datetime, *, at: datetime) -> bool:
    """Whether a time somebody tapped can still be promised."""
    return at < wanted <= at + FARTHEST_SLOT and calendar.is_open(wanted)


def next_reminder(calendar: Calendar, since: datetime, *, sent: int) -> datetime | None:
    """When the desk asks again, in its office hours; None after the last reminder, and where it never opens."""
    if sent >= len(REMINDED_AFTER):
        return None
    due = calendar.add_minutes(since, REMINDED_AFTER[sent])
    # the end of a day is no time to remind anybody of anything
    return due if due is None or calendar.is_open(due) else calendar.next_opening(due)


def _spread(moments: Sequence[datetime], share: int) -> Sequence[datetime]:
    """So many of them, the first and the last included where there are two."""
    if share < 2:
        return moments[:share]
    return [moments[round(turn * (len(moments) - 1) / (share - 1))] for turn in range(share)]
