"""What customers say of the work once a ticket is closed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.closures import TicketClosure
from core.models.people import Person


class Rating(Base):
    """One per closing, 1 to 5; whoever of the company rated last is meant."""

    __tablename__ = "ratings"
    __table_args__ = (Index("ix_ratings_stars_at", "stars", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    closure_id: Mapped[int] = mapped_column(ForeignKey("closures.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    stars: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    closure: Mapped[TicketClosure] = relationship(lazy="raise")
