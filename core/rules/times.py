"""How minutes are counted from a timer."""

from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


def minutes_between(started_at: datetime, now: datetime) -> int:
    """Whole minutes, the nearest and at least 1: what was started was work."""
    return max(1, round((now - started_at) / MINUTE))
