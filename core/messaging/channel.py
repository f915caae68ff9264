"""What the sender asks of a channel, and how a channel says that it failed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.rules.retries import Outcome


@dataclass(frozen=True)
class Delivery:
    """One row on its way. ``edits``: the provider's id of the message to change; ``repetition`` marks a copy.

    ``created_at``: when the row was put. A restored database hands the same ids out again, so only both together
    name a delivery.
    """

    id: int
    lane: str
    method: str
    payload: dict[str, Any]
    created_at: datetime
    edits: str | None = None
    repetition: str = ""
    as_plain: bool = False


class DeliveryError(Exception):
    """Why a call did not end well; ``outcome`` decides what follows (``core.rules.retries``)."""

    def __init__(self, outcome: Outcome, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail, self.retry_after = outcome, detail, retry_after


class DeliveryChannel(Protocol):
    async def send(self, delivery: Delivery) -> str | None:
        """Make the call; the provider's id of the message, if there is one. Raises DeliveryError."""

    async def probe(self) -> None:
        """Return when the other side answers again. Raises DeliveryError."""
