"""Where the words of customers come from: their messages, albums that are still arriving, earlier versions."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.models.columns import enum_column
from core.rules.intake import Field


class Album(Base):
    """The parts of an album go where the first one went: to a ticket, to a draft, and at last to one article.

    Open until its article is there. ``due_at`` closes it; in a draft it is None, for Enviar closes that.
    ``refused`` names the parts Telegram does not hand over, one in a line.
    """

    __tablename__ = "albums"
    __table_args__ = (
        Index(
            "uq_albums_open",
            "chat_id",
            "media_group",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_albums_chat_id_media_group", "chat_id", "media_group"),
        Index("ix_albums_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    media_group: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    source_message: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[str] = mapped_column(Text, default="")
    first_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class CustomerMessage(Base):
    """One message of a customer that the desk took: its words as they read now, and where they are.

    Of ``article_id``, ``draft_id`` and ``album_id`` one is set; none once its words were replaced in a draft.
    ``revision`` is 0 as first sent, else the second of the edit × 1000, counted up within that second.
    """

    __tablename__ = "customer_messages"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"), index=True)
    album_id: Mapped[int | None] = mapped_column(ForeignKey("albums.id"), index=True)
    field: Mapped[Field] = enum_column(Field)
    text: Mapped[str] = mapped_column(Text)
    preface: Mapped[str] = mapped_column(Text, default="")
    continues: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(BigInteger, default=0)


class ArticleVersion(Base):
    """What an article said, from the original on; ``number`` counts as they became known, ``revision`` orders them.

    Only an article that was edited has any, the newest one included.
    """

    __tablename__ = "article_versions"
    __table_args__ = (UniqueConstraint("article_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(BigInteger)
