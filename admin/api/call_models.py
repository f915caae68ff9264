"""What the API gives of calls to customers."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from core.rules.calls import CallOutcome


class CallOut(BaseModel):
    """A call attempt. ``request``: number of the article that asks the customer what the call has left open."""

    outcome: CallOutcome
    phone: str | None
    at: datetime
    technician: str
    request: int | None


class AppointmentOut(BaseModel):
    """When a person of the company wants to be called; agreed: the call is still to be made."""

    at: datetime
    state: Literal["agreed", "called", "cancelled"]
    person: str
    created_at: datetime
