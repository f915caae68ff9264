"""When a row's time has come, even if the clock that dated it was wrong."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

# No wait of ours comes near; only Telegram's own may be longer, and that one the sender minds for itself.
ASTRAY = timedelta(hours=1)


def has_come(
    due_at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], now: datetime
) -> ColumnElement[bool]:
    """Due, or dated so far ahead that the clock must have been set back since."""
    return or_(due_at <= now, due_at > now + ASTRAY)
