"""Customers with a RUC, and how to reach them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from core.db import Base
from core.rules.ordering import SORT_KEY_LONGEST, sort_key

# compared sign by sign on both databases, whatever the cluster's language
_SORTED = String(SORT_KEY_LONGEST).with_variant(String(SORT_KEY_LONGEST, collation="C"), "postgresql")


class Company(Base):
    """A customer. No ``password_hash``: the password is the RUC itself; no ``timezone``: it is the desk's.

    ``sort_key`` follows the name. ``words_due``: it was renamed, and its tickets up to this number are still found
    by the old name only.
    """

    __tablename__ = "companies"
    __table_args__ = (Index("ix_companies_sort_key", "sort_key", "ruc"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ruc: Mapped[str] = mapped_column(String(13), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(_SORTED, default="", server_default="")
    words_due: Mapped[int | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    timezone: Mapped[str | None] = mapped_column(String(40))
    password_reset_at: Mapped[datetime | None]
    contact_person_id: Mapped[int | None]
    created_at: Mapped[datetime]

    emails: Mapped[list["CompanyEmail"]] = relationship(lazy="raise", order_by="CompanyEmail.id")
    phones: Mapped[list["CompanyPhone"]] = relationship(lazy="raise", order_by="CompanyPhone.id")

    @validates("name")
    def _follow(self, _key: str, name: str) -> str:
        self.sort_key = sort_key(name)
        return name


class CompanyEmail(Base):
    __tablename__ = "company_emails"
    __table_args__ = (UniqueConstraint("company_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))


class CompanyPhone(Base):
    """A number on the company's record, E.164."""

    __tablename__ = "company_phones"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
