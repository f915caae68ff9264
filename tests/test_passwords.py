"""What a password costs whoever guesses it: the desk's own price, not that of the other tests."""

import time

import pytest
from argon2 import Type, extract_parameters

from core import passwords
from tests.hashing import COSTLY

PASSWORD = "una frase larga"


@pytest.fixture(autouse=True)
def price(monkeypatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", COSTLY)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


async def test_a_hash_costs_what_rfc_9106_asks_where_memory_is_short():
    made = extract_parameters(await passwords.hash_password(PASSWORD))
    assert made.type is Type.ID
    assert made.memory_cost >= 64 * 1024
    assert made.time_cost >= 3
    assert (made.salt_len, made.hash_len) == (16, 32)


async def test_a_password_is_known_by_its_hash_and_no_two_hashes_are_alike():
    hashed, again = [await passwords.hash_password(PASSWORD) for _ in range(2)]
    assert hashed != again
    assert await passwords.matches(PASSWORD, hashed)
    assert not await passwords.matches(PASSWORD.upper(), hashed)
    assert not await passwords.matches(PASSWORD, "no hash at all")


async def test_nobodys_password_is_weighed_like_somebodys_and_is_never_right():
    hashed = await passwords.hash_password(PASSWORD)
    assert not await passwords.matches("nobody has this password", None)
    assert extract_parameters(passwords._nobodys_hash()) == extract_parameters(hashed)

    async def processor_time(known: str | None) -> float:
        started = time.process_time()
        await passwords.matches("wrong", known)
        return time.process_time() - started

    turns = [[await processor_time(known) for known in (hashed, None)] for _ in range(5)]
    somebody, nobody = map(min, zip(*turns, strict=True))
    assert 1 / 3 < nobody / somebody < 3, "no answer without weighing"
