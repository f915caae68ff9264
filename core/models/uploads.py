"""One-time links by which a customer uploads what Telegram does not give us."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.people import Person
from core.models.tickets import Attachment


class UploadLink(Base):
    """Opens one page, for one file of one person's chat with one company; only the token's hash is stored."""

    __tablename__ = "upload_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    attachment: Mapped[Attachment] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
