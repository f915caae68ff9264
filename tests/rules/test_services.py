"""Services: going over to one that costs needs the customer's word."""

from itertools import product

from core.rules.services import Service, needs_consent


def test_only_the_way_to_development_needs_the_customers_consent():
    asking = {(before, after) for before, after in product(Service, repeat=2) if needs_consent(before, after)}
    assert asking == {(Service.SUPPORT, Service.DEVELOPMENT)}
