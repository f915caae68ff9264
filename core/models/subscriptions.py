"""Programs elsewhere that are told what happens."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base
from core.models.staff import Technician
from core.rules.webhooks import URL_LONGEST, SubscriptionState, host_of


class Subscription(Base):
    """An outgoing webhook. ``secret`` is encrypted, and forgotten with the removal.

    ``active_since``: made, or turned on again. ``failed_at``: the desk turned it off, for it failed for days.
    """

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(URL_LONGEST))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    events: Mapped[list[str]] = mapped_column(JSON)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technicians.id"))
    created_at: Mapped[datetime]
    active_since: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    technician: Mapped[Technician] = relationship(lazy="raise")

    @property
    def lane(self) -> str:
        """Where its deliveries wait, one behind the other."""
        return f"{LANE}{self.id}"

    @property
    def state(self) -> SubscriptionState:
        if self.failed_at is not None:
            return SubscriptionState.FAILED
        return SubscriptionState.PAUSED if self.paused_at is not None else SubscriptionState.ACTIVE

    @property
    def host(self) -> str:
        return host_of(self.url)


LANE = "webhook-"
