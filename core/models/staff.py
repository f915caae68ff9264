"""The people behind the panel, their sessions and tokens."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.columns import enum_column
from core.rules.permissions import Role


class Technician(Base):
    """A user of the panel; ``is_development`` makes one a person responsible for pending tickets.

    ``totp_secret`` is locked with the desk's key; ``totp_step`` is the last step whose code was used.
    ``single_keys``: whether one key alone does something in their panel.
    """

    __tablename__ = "technicians"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(128))
    role: Mapped[Role] = enum_column(Role)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_development: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int | None]
    single_keys: Mapped[bool] = mapped_column(default=True, server_default=true())
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A log-in to the panel. Only the SHA-256 of the cookie is kept.

    One that is not complete waits for the second factor and opens nothing. ``agent``: what the browser calls itself.
    ``address``: where the log-in came from, as ``place_of`` has it; kept a while after its end, it says which are the
    technician's. One that was over as it began says where a set-up link was used.
    """

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200), server_default="")
    address: Mapped[str] = mapped_column(String(64), server_default="")
    is_complete: Mapped[bool] = mapped_column(default=True, server_default=true())

    technician: Mapped[Technician] = relationship(lazy="raise")


class SetupLink(Base):
    """The one-time link with which a new technician chooses a password."""

    __tablename__ = "setup_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")


class RecoveryCode(Base):
    """One of the codes on paper that stand in for a lost phone, each once. Only its SHA-256 is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token of the REST API with the rights of its technician."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(String(64), server_default="")
    used_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")


class StaffLoginFailure(Base):
    """A wrong log-in at the panel, for its throttle."""

    __tablename__ = "staff_login_failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class IdempotentAnswer(Base):
    """What a POST of the API answered, so that its repetition within 24 h answers the same."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (UniqueConstraint("technician_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
