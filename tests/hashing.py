"""Password hashes at a hundredth of the price: what a guess costs is asked by ``tests/test_passwords.py`` alone."""

from argon2 import PasswordHasher

from core import passwords

COSTLY = passwords._hasher
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hash_cheaply() -> None:
    """In this process; a hash says itself what it costs to check."""
    passwords._hasher = CHEAP
