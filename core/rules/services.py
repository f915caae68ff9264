"""What the desk offers, and the products a new desk starts with."""

from collections.abc import Mapping
from enum import StrEnum


class Service(StrEnum):
    """What kind of work a ticket asks for."""

    SUPPORT = "support"
    DEVELOPMENT = "development"


SACI_JAVA = "SaciJava"
LABEL_LIMIT = 60  # a product is a button on a phone

DEFAULT_PRODUCTS: Mapping[Service, tuple[str, ...]] = {
    Service.SUPPORT: (SACI_JAVA, "Saci Visual Basic", "SaciAnex ATS", "SACI Facturación Electrónica"),
    Service.DEVELOPMENT: (SACI_JAVA,),
}
