"""Two accounts per company in integer minutes: lines are only ever added."""

from datetime import datetime

from sqlalchemy import Connection, ForeignKey, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.db import Base
from core.models.columns import enum_column
from core.rules.ledger import Account, InvoicingKind, LineKind, may_post


class LedgerLine(Base):
    """A movement: what a closing charged, what was bought, what left the bag as a technical hour.

    ``expires_at``: from when the minutes of a purchase are no longer good; the expiry that takes them names
    the purchase in ``purchase_id``. A database trigger refuses to change or delete a line.
    Raises ValueError as it is stored with a sign that its kind has not in this account.
    """

    __tablename__ = "ledger_lines"
    __table_args__ = (
        UniqueConstraint("closure_id", "account", "kind"),
        UniqueConstraint("technical_hour_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    account: Mapped[Account] = enum_column(Account)
    kind: Mapped[LineKind] = enum_column(LineKind)
    minutes: Mapped[int]
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closures.id"))
    technical_hour_id: Mapped[int | None] = mapped_column(ForeignKey("technical_hours.id"))
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_lines.id"))
    expires_at: Mapped[datetime | None]
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    reference: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]


@event.listens_for(LedgerLine, "before_insert")
def _refuse_wrong_sign(_: Mapper[LedgerLine], __: Connection, line: LedgerLine) -> None:
    if not may_post(line.account, line.kind, minutes=line.minutes):
        raise ValueError(f"{line.minutes} minutes as {line.kind} in the account {line.account}")


class ToldLine(Base):
    """A movement whose news was told: minutes that have expired, or a purchase whose date came near."""

    __tablename__ = "told_lines"

    line_id: Mapped[int] = mapped_column(ForeignKey("ledger_lines.id"), primary_key=True)


class TechnicalHour(Base):
    """Sixty minutes of the bag, issued once; ``number`` counts from 1 within its company."""

    __tablename__ = "technical_hours"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    number: Mapped[int]
    issued_at: Mapped[datetime]


class TechnicalHourPart(Base):
    """Which closing filled how many minutes of a technical hour."""

    __tablename__ = "technical_hour_parts"
    __table_args__ = (UniqueConstraint("technical_hour_id", "closure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technical_hour_id: Mapped[int] = mapped_column(ForeignKey("technical_hours.id"))
    closure_id: Mapped[int] = mapped_column(ForeignKey("closures.id"), index=True)
    minutes: Mapped[int]


class Invoicing(Base):
    """A technical hour was put on an invoice, or taken off again: the last entry of an hour is what holds.

    ``reference`` is the invoice's number, or the reason for taking it off.
    """

    __tablename__ = "invoicings"

    id: Mapped[int] = mapped_column(primary_key=True)
    technical_hour_id: Mapped[int] = mapped_column(ForeignKey("technical_hours.id"), index=True)
    kind: Mapped[InvoicingKind] = enum_column(InvoicingKind)
    reference: Mapped[str] = mapped_column(String(200))
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    at: Mapped[datetime]
