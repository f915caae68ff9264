"""How tickets were closed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.staff import Technician
from core.models.tickets import Ticket
from core.rules.closures import Closure


class TicketClosure(Base):
    """The n-th closing of a ticket, as it was decided. ``replaces_id``: the one it was reclassified from.

    ``carried_minutes``: worked before a reopening took their closing back, charged with this one.
    """

    __tablename__ = "closures"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    number: Mapped[int]
    closure: Mapped[Closure] = enum_column(Closure)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    cause: Mapped[str] = mapped_column(Text)
    solution: Mapped[str] = mapped_column(Text)
    real_minutes: Mapped[int]
    carried_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    charged_minutes: Mapped[int]
    bag_before: Mapped[int]
    bag_after: Mapped[int]
    technical_hours: Mapped[int]
    purchased_before: Mapped[int | None]
    purchased_after: Mapped[int | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("closures.id"), index=True, unique=True)
    is_overdraft: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(index=True)

    technician: Mapped[Technician] = relationship(lazy="raise")
    ticket: Mapped[Ticket] = relationship(lazy="raise")

    @property
    def debited_minutes(self) -> int:
        """What the purchased hours gave."""
        return (self.purchased_before or 0) - (self.purchased_after or 0)

    @property
    def bagged_minutes(self) -> int:
        """What went into the bag."""
        return self.charged_minutes - self.debited_minutes
