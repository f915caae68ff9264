"""Times agreed with a customer for a call."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.people import Person
from core.models.tickets import Ticket


class AppointmentState(StrEnum):
    AGREED = "agreed"
    CALLED = "called"
    CANCELLED = "cancelled"  # another time was agreed, or nothing is left to talk about


class Appointment(Base):
    """When the customer wants to be called about a ticket, and who said so."""

    __tablename__ = "appointments"
    __table_args__ = (Index("ix_appointments_state_at", "state", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    state: Mapped[AppointmentState] = enum_column(AppointmentState)
    created_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
