"""Statements people asked for in the chat: drawn once, sent once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.companies import Company
from core.models.people import Person
from core.rules.statements import StatementForm

_WAITING = text("done_at IS NULL")


class StatementOrder(Base):
    """One month of a company for one chat. ``outbox_id`` brings the bytes named by ``sha256``.

    Done without an outbox row: the person may not see the company any more.
    """

    __tablename__ = "statement_orders"
    __table_args__ = (Index("ix_statement_orders_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    month: Mapped[str] = mapped_column(String(7))
    form: Mapped[StatementForm] = enum_column(StatementForm)
    ordered_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    file_name: Mapped[str] = mapped_column(String(80), default="")
    sha256: Mapped[str | None] = mapped_column(String(64))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))

    company: Mapped[Company] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
