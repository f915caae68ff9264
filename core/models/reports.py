"""The technical report of a closing: a frozen snapshot and, once drawn, the hash of its PDF."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Report(Base):
    """Drawn once after the commit; ``pdf_sha256`` then names the bytes that chat, mail and panel serve."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    closure_id: Mapped[int] = mapped_column(ForeignKey("closures.id"), unique=True)
    file_name: Mapped[str] = mapped_column(String(80))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    pdf_size: Mapped[int | None]
    created_at: Mapped[datetime]
