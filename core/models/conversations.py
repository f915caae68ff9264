"""Where each chat stands: the step it is at, the ticket being written, the message that waits for a home."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.models.columns import enum_column
from core.rules.intake import Step
from core.rules.services import Service


class Conversation(Base):
    """The step of one private chat; ``data`` holds what the step needs (never a password).

    ``last_message`` is the newest message worked off, whatever became of it: an edit of a later one comes too early.
    """

    __tablename__ = "conversations"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    step: Mapped[Step] = enum_column(Step)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    last_message: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]


class DraftState(StrEnum):
    WRITING = "writing"
    LOOSE = "loose"
    SENT = "sent"
    DROPPED = "dropped"


class Draft(Base):
    """A ticket being written, or (LOOSE) a message out of the blue that waits to be told where it belongs.

    ``continues_id``: the closed ticket that the new one goes on with.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        Index(
            "uq_drafts_open",
            "chat_id",
            "state",
            unique=True,
            sqlite_where=text("state IN ('writing', 'loose')"),
            postgresql_where=text("state IN ('writing', 'loose')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    state: Mapped[DraftState] = enum_column(DraftState)
    service: Mapped[Service | None] = enum_column(Service)
    product: Mapped[str | None] = mapped_column(String(100))
    subject: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    files_settled: Mapped[bool] = mapped_column(default=False)
    is_another: Mapped[bool] = mapped_column(default=False, server_default=false())
    source_message: Mapped[int | None] = mapped_column(BigInteger)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[datetime]
