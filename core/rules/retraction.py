"""Whether a wrong answer may still be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(hours=48)  # Telegram lets a bot delete a message no longer than this


class RetractRefusal(StrEnum):
    """Why an article stays: a code, other layers have the words."""

    NOT_OF_DESK = "not_of_desk"
    NEVER_SENT = "never_sent"
    IS_FIRST = "is_first"
    IS_RETRACTED = "is_retracted"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class RetractFacts:
    """What is known of an article about to be retracted. ``is_note``: it was never sent to anybody."""

    by_technician: bool
    is_note: bool
    position: int
    is_retracted: bool
    written_at: datetime


def retract_refusal(facts: RetractFacts, now: datetime) -> RetractRefusal | None:
    """What stands against it; None where it may go."""
    against: Mapping[RetractRefusal, bool] = {
        RetractRefusal.NOT_OF_DESK: not facts.by_technician,
        RetractRefusal.NEVER_SENT: facts.is_note,
        RetractRefusal.IS_FIRST: facts.position == 1,
        RetractRefusal.IS_RETRACTED: facts.is_retracted,
        RetractRefusal.TOO_LATE: now - facts.written_at > WINDOW,
    }
    return next((refusal for refusal, stands in against.items() if stands), None)
