"""The clock is set back while the desk runs: it says so, and whatever the clock does goes on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from bot import ticking
from bot.roles import Parts, start_tick
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.models import Alarm, Beat, Heartbeat
from core.render.office import Office
from core.rules.alarms import AlarmKind
from core.settings import load
from tests.patience import PATIENCE


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=True) as clock:
        yield clock


@pytest.fixture
async def desk(
    database: Database, tmp_path: Path, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """Role ``tick`` alone; it looks at its jobs all the time, not every ten seconds."""
    monkeypatch.setattr(ticking, "LOOK_SECONDS", 0.01)
    settings = load({"DATA_DIR": str(tmp_path)}, env_file=None)
    office = Office("Mesa", Translators(default="es", timezone="UTC"))
    parts = Parts(settings, database, office, FileStore(tmp_path / "files"), telegram_url="", smtp_url="")
    await start_tick(parts)
    yield database
    for stop in parts.stops:
        stop()
    await asyncio.gather(*parts.loops)


async def test_the_sweeps_go_on_when_the_clock_is_set_back_a_day_and_it_is_an_alarm(
    desk: Database, clock: time_machine.Traveller
):
    await ticks(desk)
    clock.shift(-timedelta(days=1))
    await ticks(desk)
    assert await alarms(desk) == [AlarmKind.CLOCK_JUMPED]


async def ticks(database: Database) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await has_ticked(database):  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.01)


async def has_ticked(database: Database) -> bool:
    """Of late, by the clock as it is now."""
    async with database.read() as session:
        at = await session.scalar(select(Heartbeat.at).where(Heartbeat.name == Beat.TICK))
    return at is not None and abs(now() - at) < timedelta(hours=1)


async def alarms(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Alarm.kind)))
