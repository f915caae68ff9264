"""What came in and what must go out: the two queues between the desk and the network."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column


class InboxState(StrEnum):
    NEW = "new"
    DONE = "done"
    DEAD = "dead"


class Channel(StrEnum):
    TELEGRAM = "telegram"
    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    PARKED = "parked"
    DEAD = "dead"
    HELD = "held"
    CANCELLED = "cancelled"


OPEN_DELIVERIES = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})

# What the page of deliveries shows; kept in this order for the partial index to be found.
TROUBLED_DELIVERIES = (DeliveryState.DEAD, DeliveryState.UNCERTAIN, DeliveryState.PARKED, DeliveryState.HELD)
_TROUBLED = text("state IN ('dead', 'uncertain', 'parked', 'held')")


class Urgency(StrEnum):
    """Which chats go first when there is more than the limits allow; inside a chat order rules."""

    ANSWER = "1-answer"
    NEWS = "2-news"
    REMINDER = "3-reminder"


class InboxRow(Base):
    """One update of Telegram. ``raw`` is encrypted and wiped by its effect; the row stays as a tombstone."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index(
            "ix_inbox_open",
            "lane",
            "received_at",
            "update_id",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index(
            "ix_inbox_oldest",
            "received_at",
            "update_id",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index(
            "ix_inbox_dead",
            "received_at",
            "update_id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
    )

    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lane: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[InboxState] = enum_column(InboxState)
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    first_failed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(500))


class OutboxRow(Base):
    """One call on a channel that must happen. ``edits_id``: it changes the message of that row.

    ``carried_by_id``: that row brings its words instead, a mail or the digest for who is back. ``named_at``:
    when a later push said that this one may not have arrived. ``released_at``: when a person last let it go, or was
    back while it was on its way to a chat that was blocked.
    ``company_id``: whose it is where it is of no ticket: who does not act for that company any more never gets it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "channel",
            "lane",
            "id",
            "method",
            "state",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index("ix_outbox_troubled", "state", "id", sqlite_where=_TROUBLED, postgresql_where=_TROUBLED),
        Index(
            "ix_outbox_carried_by_id",
            "carried_by_id",
            sqlite_where=text("carried_by_id IS NOT NULL"),
            postgresql_where=text("carried_by_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = enum_column(Channel)
    lane: Mapped[str] = mapped_column(String(64))
    method: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    urgency: Mapped[Urgency] = enum_column(Urgency)
    edits_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    state: Mapped[DeliveryState] = enum_column(DeliveryState)
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    content_retries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(200), index=True)
    error: Mapped[str | None] = mapped_column(String(500))
    carried_by_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    named_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    tries: Mapped[list["DeliveryAttempt"]] = relationship(lazy="raise", order_by="DeliveryAttempt.id")


class DeliveryAttempt(Base):
    """One try of one row; without an outcome it was interrupted."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    started_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str | None] = mapped_column(String(500))
