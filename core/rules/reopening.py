"""Whether a closed ticket may be opened again, by the customer or by the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules.states import CLOSURES, State

GRACE_DAYS = 7


class ReopenRefusal(StrEnum):
    """Why a ticket stays closed: a code, other layers have the words."""

    NOT_CLOSED = "not_closed"
    GRACE_OVER = "grace_over"
    HOUR_INVOICED = "hour_invoiced"


@dataclass(frozen=True, slots=True)
class ReopeningFacts:
    """What is known of a ticket about to be reopened.

    `closed_at` is None for a ticket that is not closed. `hour_invoiced`: a technical hour that holds minutes
    of its last closure has been invoiced. The grace period binds the customer, not the desk.
    """

    state: State
    closed_at: datetime | None
    hour_invoiced: bool
    by_desk: bool
    grace_days: int = GRACE_DAYS


def reopen_refusals(facts: ReopeningFacts, now: datetime) -> tuple[ReopenRefusal, ...]:
    """Everything that stands against reopening; empty when the ticket may go back to open."""
    if facts.state not in CLOSURES or facts.closed_at is None:
        return (ReopenRefusal.NOT_CLOSED,)
    against: list[ReopenRefusal] = []
    if not facts.by_desk and now > facts.closed_at + timedelta(days=facts.grace_days):
        against.append(ReopenRefusal.GRACE_OVER)
    if facts.hour_invoiced:
        against.append(ReopenRefusal.HOUR_INVOICED)
    return tuple(against)
