"""What technicians are writing, and what they say often."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.staff import Technician
from core.rules.services import Service


class Composed(StrEnum):
    """Which form of the ticket the words are in."""

    REPLY = "reply"
    NOTE = "note"


class ReplyDraft(Base):
    """What a technician has written on a ticket and not sent; the row goes when it is."""

    __tablename__ = "reply_drafts"
    __table_args__ = (UniqueConstraint("technician_id", "ticket_id", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    form: Mapped[Composed] = enum_column(Composed)
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class CannedAnswer(Base):
    """Words that are said often. ``texts`` by language; without a ``service`` it is offered on every ticket."""

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    shortcut: Mapped[str] = mapped_column(String(30), unique=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    service: Mapped[Service | None] = enum_column(Service)
    is_enabled: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


class Presence(Base):
    """A technician has the ticket before them, as their page has said, until then."""

    __tablename__ = "presences"

    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True, index=True)
    is_writing: Mapped[bool]
    until: Mapped[datetime]

    technician: Mapped[Technician] = relationship(lazy="raise")
