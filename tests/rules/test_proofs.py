"""Six digits, links, addresses, and who may stop whom."""

from datetime import timedelta

import pytest

from core.clock import now
from core.rules.proofs import CODE_LIMITS, CodeKind, is_invitation, masked, may_ask, may_freeze, read_code, spoken
from core.rules.proofs import read_ticket_link as ticket


@pytest.mark.parametrize("typed", ["123456", "123 456", " 123-456 ", "123.456"])
def test_digits_are_read_as_people_write_them(typed):
    assert read_code(typed) == "123456"
    assert spoken("123456") == "123 456"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "el código es 123456", "\u0661\u0662\u0663\u0664\u0665\u0666"]
)
def test_anything_else_is_no_code(typed):
    assert read_code(typed) is None


def test_an_address_shows_where_it_is_and_not_whose():
    assert masked("maria.lopez@dominio.ec") == "m•••@dominio.ec"
    assert masked("a@b.ec") == "a•••@b.ec"


@pytest.mark.parametrize("kind", CodeKind)
def test_codes_are_few_for_a_chat_and_for_a_company(kind):
    limits = CODE_LIMITS[kind]
    assert may_ask(kind, by_chat=limits.of_chat - 1, for_company=limits.of_company - 1)
    assert not may_ask(kind, by_chat=limits.of_chat, for_company=0)
    assert not may_ask(kind, by_chat=0, for_company=limits.of_company)


def test_only_a_phone_that_came_later_is_stopped_by_a_tap():
    first, later = now(), now() + timedelta(minutes=1)
    assert may_freeze(since=first, accused_since=later)
    assert not may_freeze(since=later, accused_since=first)
    assert not may_freeze(since=first, accused_since=first)


def test_links_are_told_apart():
    assert (ticket("t1042"), ticket("1042"), ticket("t"), ticket("t10x")) == (1042, None, None, None)
    assert is_invitation("A" * 43)
    assert not any(map(is_invitation, ("", "t1042", "A" * 42, "A" * 44, "Á" * 43)))
