"""Timers that run on tickets, and what was corrected of the minutes recorded."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.staff import Technician
from core.models.tickets import Ticket


class Timer(Base):
    """A technician is working on a ticket since then; the row goes when it is stopped."""

    __tablename__ = "timers"
    __table_args__ = (UniqueConstraint("technician_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    started_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    technician: Mapped[Technician] = relationship(lazy="raise")


class TimeCorrection(Base):
    """The minutes of a time entry before and after, who changed them, and why."""

    __tablename__ = "time_corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("time_entries.id"), index=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    minutes_before: Mapped[int]
    minutes_after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]

    technician: Mapped[Technician] = relationship(lazy="raise")
