"""What the desk offers."""

from enum import StrEnum


class Service(StrEnum):
    """What kind of work a ticket asks for."""

    SUPPORT = "support"
    DEVELOPMENT = "development"


# Going this way the customer pays where it may have been free before.
_COSTS: frozenset[tuple[Service, Service]] = frozenset({(Service.SUPPORT, Service.DEVELOPMENT)})

LABEL_LIMIT = 60  # a product is a button on a phone


def needs_consent(before: Service, after: Service) -> bool:
    """Whether only the customer may say that a ticket changes like this."""
    return (before, after) in _COSTS
