"""How the desk itself is: signs of life of its parts, and alarms while something is wrong."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.models.columns import enum_column
from core.rules.alarms import AlarmKind, Level


class Beat(StrEnum):
    """The signs of life there are."""

    POLLED = "polled"  # getUpdates answered and the batch is stored
    POLL_CONFLICT = "poll_conflict"  # Telegram: somebody else uses this token (409)
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - Telegram: 401
    WEBHOOK = "webhook"  # Telegram brought an update and it is stored
    TELEGRAM = (
        "telegram"  # its own account of this bot; detail: {"pending": updates it holds, "since": it holds them back}
    )
    WORKER = "worker"  # the loop over the inbox went round
    SENDER = "sender"  # the loop over the outbox went round
    TICK = "tick"  # the clock's sweeps run
    CLOCK_JUMP = "clock_jump"  # detail: {"seconds": how far, signed}
    BACKUP = "backup"  # a backup was written and checked
    RESTORED = "restored"  # the desk came back from a backup: what was due by then was told by the one that is lost
    PROBE = "probe"  # somebody asked whether the database takes writes


class Heartbeat(Base):
    """When something was last seen to work, or to fail; one row per name, overwritten."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Alarm(Base):
    """One trouble from its beginning to its end. ``detail`` fills the words of its kind."""

    __tablename__ = "alarms"
    __table_args__ = (
        Index(
            "uq_alarms_open",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AlarmKind] = enum_column(AlarmKind)
    level: Mapped[Level] = enum_column(Level)
    since: Mapped[datetime]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
