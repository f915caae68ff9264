"""When a row's time has come, even if the clock that dated it was wrong."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, or_
from sqlalchemy.orm import InstrumentedAttribute

from core.db import Moment

# No wait of ours comes near; only Telegram's own may be longer, and that one the sender minds for itself.
ASTRAY = timedelta(hours=1)
FARTHEST = ASTRAY - timedelta(minutes=1)  # a row that must wait longer says so much, or it would count as due


def has_come(
    due_at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], now: datetime | None = None
) -> ColumnElement[bool]:
    """Due, or dated so far ahead that the clock must have been set back since.

    Without ``now`` the statement is executed with ``moments``.
    """
    if now is not None:
        return or_(due_at <= now, due_at > now + ASTRAY)
    return or_(due_at <= bindparam("now", type_=Moment()), due_at > bindparam("astray", type_=Moment()))


def moments(now: datetime) -> dict[str, datetime]:
    """The parameters of a statement that was put together before its time."""
    return {"now": now, "astray": now + ASTRAY}
