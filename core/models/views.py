"""Views of the queue that a technician keeps."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class SavedView(Base):
    """A name for filters of the queue, as they stand in its address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("technician_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
