"""Two senders of one desk, and the lock is taken from whoever has it in the middle of the traffic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import select

from core.db import Database
from core.messaging.leader import Duty, Leader
from core.messaging.limiter import Limiter
from core.messaging.sender import Sender
from core.models import DeliveryState, OutboxRow
from tests.faults.delivery_checks import REPEATED
from tests.messaging.test_leader import TERMINATE
from tests.messaging.wire import ADA, BRUNO, Wire
from tests.patience import PATIENCE

MESSAGES = 12


@asynccontextmanager
async def sending(wire: Wire, url: str) -> AsyncIterator[None]:
    """What a process with the role send has."""
    database = Database(url)
    limiter = Limiter(**wire.limits)
    leader = Leader(database, Duty.SEND, lambda: [Sender(database, wire.channels, limiter, wire.office)])
    task = asyncio.create_task(leader.run())
    yield
    leader.stop()
    async with asyncio.timeout(PATIENCE):
        await task
    await database.close()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_chat_reads_everything_in_order_whoever_sends(wire: Wire, database_url: str):
    wanted = [f"número {number}" for number in range(MESSAGES)]
    async with sending(wire, database_url), sending(wire, database_url):
        for words in wanted:
            await asyncio.gather(wire.put(ADA, words), wire.put(BRUNO, words))
        for share in (1, 2):
            await wire.wait_for(partial(has_read, wire, MESSAGES * share // 4))
            await wire.wait_for(partial(takes_the_lock_away, wire.database))
        await wire.wait_for(partial(all_is_sent, wire.database))
    for chat in (ADA, BRUNO):
        read = await wire.reads(chat)
        copies = [words for words in read if REPEATED in words]
        assert [words for words in read if words not in copies] == wanted
        assert len(copies) == len(set(copies))


async def has_read(wire: Wire, messages: int) -> bool:
    return len(await wire.reads(ADA)) >= messages


async def takes_the_lock_away(database: Database) -> bool:
    async with database.write() as session:
        return await session.scalar(TERMINATE, {"duty": Duty.SEND}) == 1


async def all_is_sent(database: Database) -> bool:
    async with database.read() as session:
        return set(await session.scalars(select(OutboxRow.state))) == {DeliveryState.SENT}
