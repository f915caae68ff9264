"""Signs of life: what the loops of one process last did is known to all processes, and costs next to nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from bot.poller import Poller
from bot.pulse import Pulse
from core.actions import heartbeats
from core.clock import now
from core.db import Database
from core.models import Beat, Heartbeat
from core.queries import heartbeats as heard
from tests.bot.test_poller import polling, says
from tests.desk import LiveDesk
from tests.messaging.wire import Wire
from tests.patience import PATIENCE


async def all_beats(database: Database) -> Mapping[str, Heartbeat]:
    async with database.read() as session:
        return await heard.heartbeats(session)


async def has_beat(database: Database, *beats: Beat) -> bool:
    return set(beats) <= (await all_beats(database)).keys()


@pytest.fixture
async def pulse(database: Database) -> AsyncIterator[Pulse]:
    pulse = Pulse(database)
    yield pulse
    pulse.stop()


async def test_the_newest_sign_replaces_the_one_before(database: Database, clock: time_machine.Traveller):
    async with database.write() as session:
        await heartbeats.note(session, Beat.BACKUP, detail={"bytes": 5})
    clock.shift(timedelta(hours=1))
    async with database.write() as session:
        await heartbeats.note(session, Beat.BACKUP, detail={"bytes": 7})
    beats = await all_beats(database)
    assert [(beat.name, beat.detail) for beat in beats.values()] == [("backup", {"bytes": 7})]
    assert now() - beats["backup"].at < timedelta(minutes=1)


async def test_a_note_falls_with_the_transaction_it_belongs_to(database: Database):
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await heartbeats.note(session, Beat.WEBHOOK)
            raise RuntimeError
    assert await all_beats(database) == {}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_does_not_move_or_moves_all_the_time_is_written_every_ten_seconds_at_most(
    database: Database, pulse: Pulse
):
    moment: datetime | None = None
    pulse.watch({Beat.SENDER: lambda: moment})
    statements: list[str] = []
    event.listen(
        database._writer.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]), named=False
    )
    await pulse.beat()
    assert statements == []
    first = now()
    for seconds in (0, 0, 5, 9):
        moment = first + timedelta(seconds=seconds)
        await pulse.beat()
    assert len([line for line in statements if line.startswith("INSERT")]) == 1
    assert (await all_beats(database))["sender"].at == first
    moment = first + timedelta(seconds=10)
    await pulse.beat()
    assert (await all_beats(database))["sender"].at == moment


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_desk_that_runs_is_heard_of_from_every_role(live: LiveDesk):
    async with asyncio.timeout(PATIENCE):
        while not await has_beat(live.database, Beat.WORKER, Beat.SENDER):  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.02)
    assert Beat.POLL_CONFLICT not in await all_beats(live.database)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "mark"),
    [("409", "conflict_at"), ("401", "refused_at"), ("500", "")],
    ids=["elsewhere", "token", "else"],
)
async def test_the_poller_knows_what_it_was_told_last(wire: Wire, poller: Poller, fault: str, mark: str):
    await wire.fails(fault, method="getUpdates", times=1)
    task = asyncio.create_task(poller.run())
    await wire.wait_for(lambda: _was_asked(wire))
    poller.stop()
    await task
    marks = {"polled_at": poller.polled_at, "conflict_at": poller.conflict_at, "refused_at": poller.refused_at}
    assert {name for name, moment in marks.items() if moment} == {mark} - {""}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_quiet_bot_is_known_to_be_well_at_once(wire: Wire, poller: Poller):
    async with polling(poller), asyncio.timeout(PATIENCE):
        await wire.wait_for(lambda: _has_polled(poller))


async def _was_asked(wire: Wire) -> bool:
    return bool(await wire.calls("getUpdates"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_poll_counts_once_its_batch_is_stored(wire: Wire, poller: Poller):
    async with polling(poller):
        await says(wire, "hola")
        await wire.wait_for(lambda: _has_polled(poller))
    assert poller.polled_at is not None


async def _has_polled(poller: Poller) -> bool:
    return poller.polled_at is not None
