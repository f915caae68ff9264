"""Store first, acknowledge by the next call; wait out whatever is wrong."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot.poller import Poller
from core.db import Database
from core.messaging.vault import Vault
from core.models import InboxRow
from tests.bot.conftest import dump
from tests.messaging.wire import ADA, BRUNO, Wire, moved_away
from tests.patience import PATIENCE

ODD_UPDATES: list[dict[str, Any]] = [
    {},
    {"message": None},
    {"message": {}},
    {"message": {"chat": "Ada", "from": 3}},
    {"message": {"chat": {"id": "3001"}, "from": {"id": BRUNO}}},
    {"message": {"chat": {"id": 10**80}}},
    {"message": {"chat": {"id": ADA}, "text": 12}},
    {"callback_query": {"id": "1", "message": None, "from": {"id": ADA}}},
    {"callback_query": {"id": "2", "message": {"chat": {"id": BRUNO}}, "from": {"id": ADA}}},
    {"hologram": {"user": {"id": ADA}}},
    {"poll": {"id": "1", "question": "?"}},
]


@asynccontextmanager
async def polling(poller: Poller) -> AsyncIterator[None]:
    task = asyncio.create_task(poller.run())
    yield
    poller.stop()
    async with asyncio.timeout(PATIENCE):
        await task


async def stored(database: Database) -> list[InboxRow]:
    async with database.read() as session:
        return list(await session.scalars(select(InboxRow).order_by(InboxRow.received_at, InboxRow.update_id)))


async def says(wire: Wire, words: str, *, user: int = ADA) -> None:
    await wire.sim(f"/sim/chats/{user}/messages", {"text": words})


async def pending(wire: Wire) -> int:
    return len(await wire.sim("/sim/updates"))


async def count(database: Database, wanted: int) -> bool:
    return len(await stored(database)) == wanted


def lines(logs: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["event"], entry.get("again_in", "")) for entry in logs]


async def test_what_is_stored_is_acknowledged_and_unreadable(
    wire: Wire, poller: Poller, database: Database, vault: Vault, capsys: pytest.CaptureFixture[str]
):
    async with polling(poller):
        await says(wire, "cuaderno azul")
        await wire.wait_for(lambda: count(database, 1))
        await wire.sim("/sim/idle?timeout=30")
        assert await pending(wire) == 0
    (row,) = await stored(database)
    assert row.lane == str(ADA)
    assert b"cuaderno azul" in vault.unlock(row.raw or b"")
    assert b"cuaderno" not in await dump(database)
    printed = capsys.readouterr()
    assert "cuaderno" not in printed.out + printed.err


async def test_while_the_database_is_away_nothing_is_acknowledged_and_nothing_is_lost(
    wire: Wire, poller: Poller, database: Database
):
    with capture_logs() as logs:
        async with moved_away(database, "inbox"):
            await says(wire, "uno")
            await says(wire, "dos", user=BRUNO)
            task = asyncio.create_task(poller.run())
            await wire.wait_for(lambda: is_logged(logs))
            assert await pending(wire) == 2
    await wire.wait_for(lambda: count(database, 2))
    await wire.sim("/sim/idle?timeout=30")
    assert await pending(wire) == 0
    poller.stop()
    await task
    assert lines(logs)[0] == ("updates could not be stored", "0:00:01")


async def is_logged(logs: Sequence[Mapping[str, Any]]) -> bool:
    return bool(logs)


async def test_a_stop_ends_the_long_poll_at_once_and_asks_for_nothing_more(
    wire: Wire, poller: Poller, database: Database
):
    async with polling(poller):
        await says(wire, "uno")
        await wire.wait_for(lambda: count(database, 1))
        await wire.sim("/sim/idle?timeout=30&until=polling")
    await wire.wait_for(lambda: hung_up(wire))
    calls = await wire.calls("getUpdates")
    await says(wire, "dos")
    assert await pending(wire) == 1
    assert await wire.calls("getUpdates") == calls


async def hung_up(wire: Wire) -> bool:
    """Telegram has noticed that nobody waits for its answer any more."""
    return any(call["verdict"] == "gone" for call in await wire.calls("getUpdates"))


async def test_a_stop_before_the_commit_makes_no_confirming_call(wire: Wire, poller: Poller, database: Database):
    """The batch is in hand and the database is busy: it is stored, but only the next start acknowledges it."""
    await says(wire, "uno")
    async with database.write() as session:
        await session.execute(text("DELETE FROM inbox" if database.is_sqlite else "LOCK TABLE inbox"))
        task = asyncio.create_task(poller.run())
        await wire.wait_for(lambda: handed_out(wire))
        poller.stop()
        assert await pending(wire) == 1
    async with asyncio.timeout(PATIENCE):
        await task
    assert len(await stored(database)) == 1
    assert await pending(wire) == 1


async def handed_out(wire: Wire) -> bool:
    return any(entry["update_ids"] for entry in await wire.calls("getUpdates"))


async def test_ids_that_start_anew_lower_are_taken(wire: Wire, poller: Poller, database: Database):
    async with polling(poller):
        await says(wire, "antes")
        await wire.wait_for(lambda: count(database, 1))
        await wire.sim("/sim/idle?timeout=30")
        await wire.sim("/sim/updates/jump", {"next_id": 5})
        await says(wire, "después")
        await wire.wait_for(lambda: count(database, 2))
        await wire.sim("/sim/idle?timeout=30")
        assert await pending(wire) == 0
    assert [row.update_id for row in await stored(database)][1] == 5


async def test_updates_handed_out_again_are_one_row_each(wire: Wire, poller: Poller, database: Database):
    await wire.fails("duplicate", method="getUpdates", times=3)
    await says(wire, "uno")
    await says(wire, "dos")
    async with polling(poller):
        await wire.wait_for(lambda: all_handed_out(wire, 3))
        await wire.sim("/sim/idle?timeout=30")
    assert len(await stored(database)) == 2


async def all_handed_out(wire: Wire, times: int) -> bool:
    return sum(bool(entry["update_ids"]) for entry in await wire.calls("getUpdates")) >= times


async def test_however_odd_an_update_it_is_stored_and_holds_up_no_other(
    wire: Wire, poller: Poller, database: Database
):
    await wire.sim("/sim/updates", ODD_UPDATES)
    async with polling(poller):
        await says(wire, "hola", user=BRUNO)
        await wire.wait_for(lambda: count(database, len(ODD_UPDATES) + 1))
    lanes = [row.lane for row in await stored(database)]
    assert lanes[:5] == ["none", "none", "none", "none", str(BRUNO)]
    assert lanes[6:] == [*map(str, (ADA, ADA, BRUNO, ADA)), "none", str(BRUNO)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["429", "500"])
async def test_a_poll_that_fails_is_made_again(wire: Wire, poller: Poller, database: Database, kind: str):
    await wire.fails(kind, method="getUpdates", times=1)
    await says(wire, "uno")
    with capture_logs() as logs:
        async with polling(poller):
            await wire.wait_for(lambda: count(database, 1))
    calls = await wire.calls("getUpdates")
    assert calls[1]["wall"] - calls[0]["wall"] >= 1
    assert lines(logs) == [("Telegram does not answer", "0:00:01")]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "again_in"),
    [({"kind": "401"}, "0:00:30"), ({"kind": "429", "retry_after": 17}, "0:00:17")],
    ids=["token", "told to wait"],
)
async def test_a_long_wait_is_waited_and_ends_with_the_stop(
    wire: Wire, poller: Poller, fault: dict[str, Any], again_in: str
):
    await wire.fails(**fault, method="getUpdates", times=1)
    with capture_logs() as logs:
        async with polling(poller):
            await wire.wait_for(lambda: is_logged(logs))
    assert lines(logs) == [("Telegram does not answer", again_in)]
    assert len(await wire.calls("getUpdates")) == 1
