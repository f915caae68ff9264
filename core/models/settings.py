"""The desk itself: which bot it belongs to, its numbers, its products and its policy."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from core.models.columns import enum_column
from core.rules.services import Service


class Desk(Base):
    """The one row (id 1) that makes a database this desk's.

    Name, addresses and logo are empty where the desk goes by its settings (``core.messaging.letterhead``).
    """

    __tablename__ = "desk"

    id: Mapped[int] = mapped_column(primary_key=True)
    bot_id: Mapped[int | None] = mapped_column(BigInteger)
    bot_username: Mapped[str | None] = mapped_column(String(64))
    is_demonstration: Mapped[bool | None]
    last_ticket_number: Mapped[int]
    name: Mapped[str | None] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(60))
    url: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(200))
    logo_sha256: Mapped[str | None] = mapped_column(String(64))


class DeskLogo(Base):
    """Every logo the desk has had: reports that were frozen under one are drawn with it whenever that is."""

    __tablename__ = "desk_logos"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(80))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[Service] = enum_column(Service)
    label: Mapped[str] = mapped_column(String(100))
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default=true())


class PolicyValue(Base):
    """A desk policy that differs from the default of ``core.rules.closures.Policy``."""

    __tablename__ = "policy"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class DeskText(Base):
    """One of ``core.rules.texts`` in the desk's own words; without a row the catalog speaks."""

    __tablename__ = "desk_texts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


class OfficeHours(Base):
    """A stretch of a weekday (0 is Monday) in minutes since midnight, in the desk's time zone."""

    __tablename__ = "office_hours"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closes: Mapped[int]


class HolidayChange(Base):
    """What the desk decided about a date: a name makes it a holiday, none makes it a day of work."""

    __tablename__ = "holiday_changes"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(100))
