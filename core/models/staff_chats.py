"""Technicians' own chats with the bot, and the links that make them theirs."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.staff import Technician

_IN_USE = text("ended_at IS NULL")


class StaffChat(Base):
    """Where a technician is told of what happens. The same person may be a customer there, too.

    ``wishes``: alert → when; what is not in it is as usual.
    """

    __tablename__ = "staff_chats"
    __table_args__ = (
        Index(
            "uq_staff_chats_in_use",
            "technician_id",
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    wishes: Mapped[dict[str, str]] = mapped_column(JSON)
    linked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")


class StaffChatLink(Base):
    """A one-time link; only the SHA-256 of its token is kept."""

    __tablename__ = "staff_chat_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")
