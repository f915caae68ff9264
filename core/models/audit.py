"""Who changed what: one entry per privileged change, never altered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.people import Person
from core.models.staff import Technician


class AuditEntry(Base):
    """``person_id``: a customer did it in the chat. Without that and a technician it was the command line.

    Triggers refuse changes. ``words``: object and data as they are searched.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(120), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, server_default="")

    technician: Mapped[Technician | None] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")
