"""Telegram users, and what binds them to companies."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.companies import Company
from core.rules.identity import Level, Proof
from core.rules.notices import Detail, Follows
from core.rules.quiet_hours import QuietHours


def full_name(first_name: str, last_name: str, username: str | None, telegram_id: int) -> str:
    return f"{first_name} {last_name}".strip() or username or str(telegram_id)


class Person(Base):
    """A Telegram user who has written to the desk at least once.

    ``language`` is chosen by the person, ``telegram_language`` what Telegram says. ``knocked_id`` is the last push
    that was put for a chat that could not be reached: if it arrives, the chat is back.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    first_name: Mapped[str] = mapped_column(String(128), default="")
    last_name: Mapped[str] = mapped_column(String(128), default="")
    username: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(8))
    telegram_language: Mapped[str | None] = mapped_column(String(8))
    detail: Mapped[Detail] = enum_column(Detail, default=Detail.FULL)
    quiet_start: Mapped[int | None]
    quiet_end: Mapped[int | None]
    blocked_at: Mapped[datetime | None]
    knocked_id: Mapped[int | None] = mapped_column(BigInteger)
    active_company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    created_at: Mapped[datetime]

    @property
    def name(self) -> str:
        return full_name(self.first_name, self.last_name, self.username, self.telegram_id)

    @property
    def reads(self) -> str | None:
        """The language to write in; None: the desk's."""
        return self.language or self.telegram_language

    @property
    def quiet_hours(self) -> QuietHours | None:
        if self.quiet_start is None or self.quiet_end is None:
            return None
        return QuietHours(self.quiet_start, self.quiet_end)


class Binding(Base):
    """Person × company: how it was proved, since when, what it is told. Ended ones are kept.

    A frozen one sees nothing and is pushed nothing until the desk decides. ``seen_at`` is exact to the hour.
    """

    __tablename__ = "bindings"
    __table_args__ = (
        Index(
            "uq_bindings_open",
            "person_id",
            "company_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    level: Mapped[Level] = enum_column(Level)
    proof: Mapped[Proof] = enum_column(Proof)
    follows: Mapped[Follows] = enum_column(Follows)
    since: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
    company: Mapped[Company] = relationship(lazy="raise")

    @property
    def is_verified(self) -> bool:
        return self.level is Level.VERIFIED


# A binding that counts: neither ended nor frozen.
IN_FORCE = Binding.ended_at.is_(None) & Binding.frozen_at.is_(None)


class MutedTicket(Base):
    """A ticket whose news must not ring at this person's phone."""

    __tablename__ = "muted_tickets"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)


class LoginFailure(Base):
    """A wrong RUC or password, for the throttles; ``from_verified`` chats never count against a RUC."""

    __tablename__ = "login_failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    ruc: Mapped[str] = mapped_column(String(13), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    from_verified: Mapped[bool] = mapped_column(default=False)
    cleared: Mapped[bool] = mapped_column(default=False)


class ResetRequest(Base):
    """Somebody tapped "I forgot my password"; the RUC may or may not exist, and the chat never learns which."""

    __tablename__ = "reset_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ruc: Mapped[str] = mapped_column(String(13), index=True)
    at: Mapped[datetime]
    handled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
