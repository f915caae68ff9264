"""What the API takes and gives of deliveries."""

from datetime import datetime

from pydantic import BaseModel, Field

from admin.api import models
from admin.api.fields import Line
from core.models import Channel, DeliveryState


class Try(BaseModel):
    at: datetime
    outcome: str = Field(
        description="sent, not_sent, refused, doubtful, bad_content, bad_chat, token or interrupted",
        examples=["doubtful"],
    )


class DeliveryOut(BaseModel):
    """A push or a mail; ``reason`` says in words of the desk why it is stuck, empty where it is not."""

    id: int
    channel: Channel
    state: DeliveryState
    recipient: str = Field(description="a person's name, or the mailbox")
    ticket: int | None
    article: int | None
    company: models.CompanyName | None
    reason: str
    tries: list[Try]
    created_at: datetime
    sent_at: datetime | None


class DeliveryPage(BaseModel):
    """``next`` is what to pass as ``after`` for the next page, null on the last one."""

    items: list[DeliveryOut]
    next: str | None


class DeliveryFilter(models.Wanted):
    """Which deliveries; without a state those that need a look."""

    state: DeliveryState | None = None
    after: Line | None = Field(default=None, description="the next of the page before")
    per_page: int = Field(default=25, ge=1, le=100)
