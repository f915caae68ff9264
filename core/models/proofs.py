"""What proves that somebody acts for a company, and what the others of the company were told of it."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.models.companies import Company
from core.models.people import Binding, Person
from core.models.staff import Technician
from core.rules.proofs import CodeKind, Ending, News


class Invitation(Base):
    """A link of the desk that verifies whoever opens it first. Only the SHA-256 of its token is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    revoked_at: Mapped[datetime | None]

    company: Mapped[Company] = relationship(lazy="raise")
    technician: Mapped[Technician | None] = relationship(lazy="raise")


class ProofCode(Base):
    """Six digits that an identified person must bring back: from a mail, or by voice to a technician.

    ``mail_id`` is the mail that carried it; its words are wiped when the code is settled.
    """

    __tablename__ = "proof_codes"
    __table_args__ = (
        Index(
            "uq_proof_codes_open",
            "binding_id",
            "kind",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    binding_id: Mapped[int] = mapped_column(ForeignKey("bindings.id"), index=True)
    kind: Mapped[CodeKind] = enum_column(CodeKind)
    salt: Mapped[str] = mapped_column(String(32))
    code_sha256: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = enum_column(Ending)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technicians.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))

    binding: Mapped[Binding] = relationship(lazy="raise")


class Announcement(Base):
    """The company's other verified persons were asked about a new phone or a new password.

    ``told`` are the outbox rows with the question. ``handled_at``: the desk has dealt with a denial.
    """

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    binding_id: Mapped[int] = mapped_column(ForeignKey("bindings.id"), index=True)
    news: Mapped[News] = enum_column(News)
    told: Mapped[list[int]] = mapped_column(JSON)
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    is_denied: Mapped[bool] = mapped_column(default=False)
    handled_at: Mapped[datetime | None]

    company: Mapped[Company] = relationship(lazy="raise")
    binding: Mapped[Binding] = relationship(lazy="raise")
    settled_by: Mapped[Person | None] = relationship(lazy="raise")
