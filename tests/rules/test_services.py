"""Services: each has products, and development is for one product only."""

from core.rules.services import DEFAULT_PRODUCTS, Service


def test_every_service_has_products():
    assert set(DEFAULT_PRODUCTS) == set(Service)
    assert all(DEFAULT_PRODUCTS.values())


def test_the_products_are_those_of_the_desk():
    assert DEFAULT_PRODUCTS[Service.SUPPORT] == (
        "SaciJava",
        "Saci Visual Basic",
        "SaciAnex ATS",
        "SACI Facturación Electrónica",
    )
    assert DEFAULT_PRODUCTS[Service.DEVELOPMENT] == ("SaciJava",)
