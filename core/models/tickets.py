"""Tickets and everything that hangs on one."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.companies import Company
from core.models.people import Person
from core.models.sources import ArticleVersion
from core.models.staff import Technician
from core.rules.calls import CallOutcome
from core.rules.requests import Asks
from core.rules.services import Service
from core.rules.states import UNDER_WAY, State


class ArticleKind(StrEnum):
    CUSTOMER = "customer"
    REPLY = "reply"
    REQUEST = "request"
    NOTE = "note"


class EventKind(StrEnum):
    OPENED = "opened"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    STATE = "state"
    PENDING = "pending"
    CALL = "call"
    TIME = "time"
    CLOSED = "closed"
    RENAMED = "renamed"
    CLOSE_ASKED = "close_asked"
    APPOINTED = "appointed"
    RATED = "rated"
    LINKED = "linked"
    UNLINKED = "unlinked"
    SERVICE_ASKED = "service_asked"
    SERVICE_REFUSED = "service_refused"
    SERVICE = "service"
    MERGED = "merged"


class FileKind(StrEnum):
    """How Telegram showed it; a document's own type is told by its content."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    AUDIO = "audio"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"


class FileState(StrEnum):
    PENDING = "pending"
    AWAITED = "awaited"  # the customer was given a link to upload it
    STORED = "stored"
    FAILED = "failed"
    QUARANTINED = "quarantined"  # harmful: its bytes were thrown away


_UNDER_WAY = text(f"state IN ({', '.join(repr(str(state)) for state in UNDER_WAY)})")


class Ticket(Base):
    """A question and its whole story, opened by a person, the desk, or (both are there) the desk on behalf of one.

    ``reopened_at`` starts the current stretch of work. ``continues_id``: the closed ticket this one goes on with.
    ``close_asked_at``: the customer needs nothing more, and has written nothing since. ``request_id``: the article
    that asks for something and has no answer yet; no foreign key, for articles have one to here.
    ``request_due_at``: when the customer is reminded. ``service_asked_id``: the event of a change of service that
    waits for the customer's word. ``turn_at``, ``urgent_at``: since when it is whose turn, and the order of the
    queue. ``customer_spoke_last``: of one that is pending, since it was left so. ``merged_into_id``: where a merged
    ticket goes on. ``also_opened_by``: persons who opened what was merged here, or for whom the desk did.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_state_updated_at", "state", "updated_at"),
        Index("ix_tickets_company_id_number", "company_id", "number"),
        Index("ix_tickets_urgent_at_number", "urgent_at", "number"),
        Index("ix_tickets_updated_at_number", "updated_at", "number"),
        Index("ix_tickets_under_way", "company_id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    opened_by_technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    is_verified: Mapped[bool]
    service: Mapped[Service] = enum_column(Service)
    product: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[State] = enum_column(State)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"), index=True)
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    remind_at: Mapped[datetime | None]
    customer_spoke_last: Mapped[bool]
    turn_at: Mapped[datetime | None]
    urgent_at: Mapped[datetime | None]
    articles_count: Mapped[int] = mapped_column(default=0)
    closures_count: Mapped[int] = mapped_column(default=0)
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    close_asked_at: Mapped[datetime | None]
    request_id: Mapped[int | None]
    request_asks: Mapped[Asks | None] = enum_column(Asks)
    request_due_at: Mapped[datetime | None] = mapped_column(index=True)
    merged_into_id: Mapped[int | None] = mapped_column(index=True)
    also_opened_by: Mapped[list[int] | None] = mapped_column(JSON)
    service_asked_id: Mapped[int | None]
    request_reminders: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(index=True)
    reopened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    company: Mapped[Company] = relationship(lazy="raise")
    opened_by: Mapped[Person | None] = relationship(lazy="raise")
    assignee: Mapped[Technician | None] = relationship(lazy="raise", foreign_keys=[assignee_id])
    responsible: Mapped[Technician | None] = relationship(lazy="raise", foreign_keys=[responsible_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


_BY_TECHNICIANS = text("technician_id IS NOT NULL AND retracted_at IS NULL")


class Article(Base):
    """One message of the conversation; ``position`` counts from 1 within its ticket.

    ``asks``: what a request is for. ``is_courtesy``: thanks for a ticket that is closed, which ask for nothing.
    A retracted one keeps its words for the desk; no customer sees it any more.
    """

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        UniqueConstraint("source_chat", "source_message"),
        Index(
            "ix_articles_by_technicians",
            "ticket_id",
            "created_at",
            "kind",
            sqlite_where=_BY_TECHNICIANS,
            postgresql_where=_BY_TECHNICIANS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    position: Mapped[int]
    kind: Mapped[ArticleKind] = enum_column(ArticleKind)
    asks: Mapped[Asks | None] = enum_column(Asks)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    text: Mapped[str] = mapped_column(Text)
    source_chat: Mapped[int | None] = mapped_column(BigInteger)
    source_message: Mapped[int | None] = mapped_column(BigInteger)
    media_group: Mapped[str | None] = mapped_column(String(64), index=True)
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)
    is_courtesy: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]
    retracted_by_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))

    person: Mapped[Person | None] = relationship(lazy="raise")
    technician: Mapped[Technician | None] = relationship(lazy="raise", foreign_keys=[technician_id])
    retracted_by: Mapped[Technician | None] = relationship(lazy="raise", foreign_keys=[retracted_by_id])
    attachments: Mapped[list["Attachment"]] = relationship(lazy="raise", order_by="Attachment.id")
    versions: Mapped[list[ArticleVersion]] = relationship(lazy="raise", order_by=ArticleVersion.revision)


# What a customer may see of a conversation: neither notes nor what was taken back.
BY_TECHNICIANS = Article.technician_id.is_not(None) & Article.retracted_at.is_(None)  # as an index has them
FOR_CUSTOMERS = (Article.kind != ArticleKind.NOTE) & Article.retracted_at.is_(None)


class Attachment(Base):
    """A file of an article, of a draft, of an album still arriving. Row first, bytes later.

    ``media_type`` is what the sender said until the bytes are there, then what they are.
    ``telegram_unique_id`` tells files apart: one that came by an edit has no ``source_message``, the first has that.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        UniqueConstraint("source_chat", "source_message"),
        Index("ix_attachments_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"), index=True)
    album_id: Mapped[int | None] = mapped_column(ForeignKey("albums.id"), index=True)
    kind: Mapped[FileKind] = enum_column(FileKind)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[FileState] = enum_column(FileState)
    sha256: Mapped[str | None] = mapped_column(String(64))
    thumbnail_sha256: Mapped[str | None] = mapped_column(String(64))
    thumbnail_width: Mapped[int | None]
    thumbnail_height: Mapped[int | None]
    telegram_file_id: Mapped[str | None] = mapped_column(String(255))
    telegram_unique_id: Mapped[str | None] = mapped_column(String(64))
    source_chat: Mapped[int | None] = mapped_column(BigInteger)
    source_message: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]


class TicketEvent(Base):
    """What happened to a ticket besides its articles, in order."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[EventKind] = enum_column(EventKind)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]

    technician: Mapped[Technician | None] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")

    @property
    def who(self) -> str | None:
        """Nobody did it where the desk itself did."""
        by = self.technician or self.person
        return by.name if by else None


class CallAttempt(Base):
    """A call to the customer; ``request_id``: the article that says to the customer that it came to nothing."""

    __tablename__ = "call_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    outcome: Mapped[CallOutcome] = enum_column(CallOutcome)
    phone: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))

    technician: Mapped[Technician] = relationship(lazy="raise")
    request: Mapped[Article | None] = relationship(lazy="raise")


class TimeEntry(Base):
    """Minutes somebody worked; the truth behind every charge."""

    __tablename__ = "time_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    minutes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(index=True)

    technician: Mapped[Technician] = relationship(lazy="raise")
