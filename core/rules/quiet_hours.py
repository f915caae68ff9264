"""The hours in which a phone must not ring: minutes of the day, over midnight or not."""

import re
from dataclasses import dataclass
from datetime import datetime

DAY = 24 * 60
_HOURS = re.compile(
    r"\b(\d{1,2})(?:[:.h](\d{2}))?\s*h?\s*(?:a|to|-|–|hasta|until)\s*(?:las\s+)?(\d{1,2})(?:[:.h](\d{2}))?\b"
)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` (included) to ``end`` (not included), minutes of the day 0..1439; the two differ."""

    start: int
    end: int

    def holds(self, moment: datetime) -> bool:
        """Whether a local time lies within."""
        minute = moment.hour * 60 + moment.minute
        return (minute - self.start) % DAY < (self.end - self.start) % DAY


# What is offered on one tap; any other hours can be typed.
OFFERED = (QuietHours(18 * 60, 8 * 60), QuietHours(20 * 60, 7 * 60), QuietHours(22 * 60, 7 * 60))


def read_hours(words: str) -> QuietHours | None:
    """``22:00 a 7:30``, ``de 20 a 7`` as hours; None for words that name none."""
    found = _HOURS.search(words.lower())
    if found is None:
        return None
    start, start_minute, end, end_minute = (int(part or 0) for part in found.groups())
    if start > 24 or end > 24 or start_minute > 59 or end_minute > 59:
        return None
    hours = QuietHours((start * 60 + start_minute) % DAY, (end * 60 + end_minute) % DAY)
    return None if hours.start == hours.end else hours
