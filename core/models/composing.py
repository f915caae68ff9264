"""What technicians are writing."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.models.columns import enum_column


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
