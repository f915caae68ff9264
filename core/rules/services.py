"""What the desk offers, and the products a new desk starts with."""

from collections.abc import Mapping
from enum import StrEnum


class Service(StrEnum):
    """What kind of work a ticket asks for."""

    SUPPORT = "support"
    DEVELOPMENT = "development"


# Going this way the customer pays where it may have been free before.
_COSTS: frozenset[tuple[Service, Service]] = frozenset({(Service.SUPPORT, Service.DEVELOPMENT)})

SACI_JAVA = "SaciJava"
LABEL_LIMIT = 60  # a product is a button on a phone

DEFAULT_PRODUCTS: Mapping[Service, tuple[str, ...]] = {
    Service.SUPPORT: (SACI_JAVA, "Saci Visual Basic", "SaciAnex ATS", "SACI Facturación Electrónica"),
    Service.DEVELOPMENT: (SACI_JAVA,),
}


def needs_consent(before: Service, after: Service) -> bool:
    """Whether only the customer may say that a ticket changes like this."""
    return (before, after) in _COSTS
