"""Password hashes: argon2 in threads, two at a time, the same work whether there is a hash or not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")  # 64 MiB and a core each


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def matches(password: str, hashed: str | None) -> bool:
    """Whether the password has this hash; without a hash the same time passes and the answer is no."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _verify, password, hashed)


def _verify(password: str, hashed: str | None) -> bool:
    try:
        return _hasher.verify(hashed or _nobodys_hash(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
