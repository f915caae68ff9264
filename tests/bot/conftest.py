"""A whole desk in one process, with a clock to turn; or a poller alone on its line."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from bot.poller import Poller
from core.actions import bindings, people
from core.clock import now
from core.db import Base, Database
from core.messaging.vault import Vault
from core.models import Company
from core.rules.identity import Proof
from core.wake import Topic
from tests.bot import processes
from tests.bot.processes import Launcher
from tests.desk import Customer, LiveDesk
from tests.messaging.conftest import wire  # noqa: F401
from tests.messaging.wire import Wire
from tests.stories.conftest import ADA_PHONE, ANDINA, TORNILLO, live, tom  # noqa: F401


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    with processes.launcher() as launcher:
        yield launcher


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


@pytest.fixture
async def ada(live: LiveDesk) -> Customer:  # noqa: F811
    """A verified customer of Comercial Andina, its contact person, at the menu."""
    return await bound(live, await live.customer("Ada", ADA_PHONE), ruc=ANDINA, proof=Proof.PHONE)


@pytest.fixture
async def eve(live: LiveDesk) -> Customer:  # noqa: F811
    """Identified with another company."""
    eve = await live.customer("Eve", "+593960000000")
    return await bound(live, eve, ruc=TORNILLO, proof=Proof.INITIAL_PASSWORD)


async def bound(live: LiveDesk, customer: Customer, *, ruc: str, proof: Proof) -> Customer:  # noqa: F811
    """Logged in without the conversation, which has stories of its own."""
    async with live.database.write() as session:
        person = (await people.greet(session, [people.TelegramUser(customer.id, customer.name)]))[customer.id]
        company = await session.scalar(select(Company).where(Company.ruc == ruc))
        assert company is not None
        await bindings.bind(session, person, company, proof, office=live.office)
    await customer.says("/start")
    return customer


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
