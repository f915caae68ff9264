"""What tickets are found by, and what people asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class TicketWords(Base):
    """All tokens of a ticket, parted by spaces (core.rules.words). The full-text indexes stand over this column.

    SQLite has it in ``ticket_words_fts``, kept by triggers; PostgreSQL in the generated column ``words_fts``.
    """

    __tablename__ = "ticket_words"

    number: Mapped[int] = mapped_column(ForeignKey("tickets.number"), primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text)


WORDS_VECTOR: ColumnElement[Any] = literal_column("ticket_words.words_fts")


class Search(Base):
    """What somebody looked for in a chat: the buttons of its result turn its pages."""

    __tablename__ = "searches"
    __table_args__ = (Index("ix_searches_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
