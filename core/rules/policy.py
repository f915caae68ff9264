"""What the desk may decide about its own work, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.rules.closures import NEVER, Closure, Policy
from core.rules.purchases import LOW_BALANCE_MINUTES
from core.rules.reopening import GRACE_DAYS
from core.rules.services import Service

Choice = tuple[Service, Closure]

BOUNDS: Mapping[str, tuple[int, int]] = {
    "minimum_minutes": (0, 120),
    "calls_needed": (0, 10),
    "grace_days": (0, 90),
    "low_balance_minutes": (0, 6000),
}

# What a service may close as, by setting; what NEVER has is no choice.
CHOICES: tuple[Choice, ...] = tuple(
    (service, closure) for service in Service for closure in Closure if closure not in NEVER[service]
)


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """All of it: what is offered, how tickets close and reopen, when hours are few, whether files are needed."""

    closing: Policy = field(default_factory=Policy)
    grace_days: int = GRACE_DAYS
    low_balance_minutes: int = LOW_BALANCE_MINUTES
    files_mandatory: bool = False
    services: tuple[Service, ...] = tuple(Service)  # what a new ticket may ask for


def choice_name(choice: Choice) -> str:
    """``support-warranty``: what the choice is called in forms and in the audit."""
    service, closure = choice
    return f"{service}-{closure}"
