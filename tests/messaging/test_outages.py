"""Ten minutes without Telegram: nothing is given up, nothing goes twice but what was under way, then all in order."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from core.messaging.sender import IN_FLIGHT
from core.models import OutboxRow
from tests.faults.delivery_checks import REPEATED
from tests.messaging.wire import ADA, BRUNO, CARLA, Wire

CHATS = (ADA, BRUNO, CARLA)
BEFORE, MEANWHILE = 2, 3  # pushes for each chat when it begins, and of those ten minutes

FAULTS = [
    {"kind": "500"},
    {"kind": "502html"},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "hang_before", "seconds": 0.02},
]


async def states(wire: Wire) -> dict[str, int]:
    async with wire.database.read() as session:
        found = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
        return {str(state): count for state, count in found}


async def ten_minutes(wire: Wire) -> None:
    for second in range(0, 600, 5):
        if second % 200 == 100:
            for chat in CHATS:
                await wire.put(chat, f"{BEFORE + second // 200}")
        wire.later(5)
        await asyncio.sleep(0.004)


async def begin(wire: Wire) -> None:
    for number in range(BEFORE):
        for chat in CHATS:
            await wire.put(chat, str(number))
    wire.start()


async def all_sent(wire: Wire) -> bool:
    return await states(wire) == {"sent": len(CHATS) * (BEFORE + MEANWHILE)}


async def check(wire: Wire, *, doubted: int) -> None:
    """Everything arrived in order; at most what was under way came twice, and says so."""
    async with wire.database.read() as session:
        assert await session.scalar(select(func.sum(OutboxRow.doubts))) == doubted
    for chat in CHATS:
        said = await wire.reads(chat)
        numbers = [text[:1] for text in said]
        assert list(dict.fromkeys(numbers)) == [str(number) for number in range(BEFORE + MEANWHILE)]
        assert numbers == sorted(numbers)
        assert [text for text in said if REPEATED in text] in ([], [f"0\n{REPEATED}"])
        assert len(said) <= BEFORE + MEANWHILE + 1


def kind_of(fault: dict[str, object]) -> str:
    return str(fault["kind"])


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=kind_of)
async def test_an_outage_drains_nothing(wire: Wire, fault: dict[str, object]):
    await lives_through(wire, lambda: wire.fails(**(fault | {"method": "*"})), wire.mends)


async def test_an_outage_drains_nothing_on_either_database(wire: Wire):
    await lives_through(wire, lambda: wire.fails("500", method="*"), wire.mends)


async def lives_through(wire: Wire, fails: Callable[[], Awaitable[object]], mends: Callable[[], Awaitable[object]]):
    await fails()
    await begin(wire)
    await ten_minutes(wire)
    assert not (await states(wire)).keys() & {"uncertain", "dead", "parked"}
    tried = await wire.calls("sendMessage")
    assert len(tried) == len(CHATS) < IN_FLIGHT, "one for each chat was under way, the others waited"
    assert 3 <= len(await wire.calls("getMe")) <= 30, "it looks again, and does not hammer"
    await mends()
    await wire.wait_for(lambda: all_sent(wire), hours_fly=True)
    calls = await wire.calls("sendMessage", "getMe")
    methods = [entry["method"].lower() for entry in calls]
    assert "getme" in methods[len(CHATS) : methods.index("sendmessage", len(CHATS))]
    await check(wire, doubted=len(CHATS))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_nobody_at_the_other_end_is_no_doubt(wire: Wire):
    port = await wire.hang_up()
    await begin(wire)
    await ten_minutes(wire)
    assert set(await states(wire)) <= {"queued", "sending"}
    await wire.open(port=port)
    await wire.wait_for(lambda: all_sent(wire), hours_fly=True)
    await check(wire, doubted=0)


async def test_a_revoked_token_holds_everything_and_it_flows_when_it_is_back(wire: Wire):
    await wire.fails("401", method="*")
    await begin(wire)
    await ten_minutes(wire)
    assert set(await states(wire)) <= {"queued", "sending"}
    assert len(await wire.calls("getMe")) <= 21, "every 30 seconds"
    await wire.mends()
    await wire.wait_for(lambda: all_sent(wire), hours_fly=True)
    await check(wire, doubted=0)
