"""A whole desk in one process, with a clock to turn; or a poller alone on its line."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.poller import Poller
from core.clock import now
from core.db import Base, Database
from core.messaging.vault import Vault
from core.wake import Topic
from tests.desk import LiveDesk
from tests.messaging.conftest import wire  # noqa: F401
from tests.messaging.wire import Wire
from tests.stories.conftest import ada, eve, live, tom  # noqa: F401


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=True) as clock:
        yield clock


@pytest.fixture
def vault() -> Vault:
    return Vault(b"k" * 32)


@pytest.fixture
async def poller(wire: Wire, database: Database, vault: Vault) -> AsyncIterator[Poller]:  # noqa: F811
    """Not running yet."""
    await wire.sim("/sim/updates", method="DELETE")
    assert wire.bot is not None
    poller = Poller(wire.bot, database, vault)
    yield poller
    poller.stop()


def later(live: LiveDesk, clock: time_machine.Traveller, seconds: float) -> None:  # noqa: F811
    """Time passes, and every loop looks at once."""
    clock.shift(float(seconds))
    live.database.wake.ring(list(Topic))


async def dump(database: Database) -> bytes:
    """All that the database holds: every row of every table, and for SQLite the bytes of its files."""
    found = b""
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(table.select()):
                found += b"|".join(value if isinstance(value, bytes) else written(value) for value in row) + b"\n"
    if database.is_sqlite:
        found += b"".join(map(_bytes_of, (f"{database.url.database}", f"{database.url.database}-wal")))
    return found


def _bytes_of(path: str) -> bytes:
    return Path(path).read_bytes()


def written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()
