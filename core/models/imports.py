"""A list of companies that was read, checked, and is written down line by line once somebody has confirmed it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.staff import Technician


class ImportState(StrEnum):
    CHECKED = "checked"  # nothing of it is registered
    RUNNING = "running"
    DONE = "done"
    DISCARDED = "discarded"


class CompanyImport(Base):
    """``done_until`` is the position of the last line that was worked off, in the transaction that did it."""

    __tablename__ = "company_imports"
    __table_args__ = (Index("ix_company_imports_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    submission: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[str] = mapped_column(String(255))
    state: Mapped[ImportState] = enum_column(ImportState)
    lines: Mapped[int]
    wrong: Mapped[int]
    doubtful: Mapped[int]
    known: Mapped[int]
    done_until: Mapped[int] = mapped_column(default=0)
    registered: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")


class CompanyImportLine(Base):
    """One line of the file. ``is_known``: the desk had a company with this RUC when the file was read."""

    __tablename__ = "company_import_lines"

    import_id: Mapped[int] = mapped_column(ForeignKey("company_imports.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    ruc: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    emails: Mapped[list[str]] = mapped_column(JSON)
    phones: Mapped[list[str]] = mapped_column(JSON)
    minutes: Mapped[int | None]
    problems: Mapped[list[Any]] = mapped_column(JSON)
    doubts: Mapped[list[str]] = mapped_column(JSON)
    is_known: Mapped[bool]
    needs_a_look: Mapped[bool]
