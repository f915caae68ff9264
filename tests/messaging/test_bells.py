"""What one process commits wakes the loops of the others at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs

from core.db import Database
from core.messaging.bells import CHANNEL, bells_for
from core.models import Desk
from core.wake import Topic
from tests.patience import PATIENCE

LONG = 600.0  # no loop of a test waits for its next look


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Database]:
    """Another process of the desk, its bells running and the first wake-up over."""
    database = Database(url)
    bells = bells_for(database, is_split=True)
    assert bells is not None
    task = asyncio.create_task(bells.run())
    async with asyncio.timeout(PATIENCE):
        for topic in Topic:
            await database.wake.wait(topic, seconds=LONG)
    yield database
    bells.stop()
    async with asyncio.timeout(PATIENCE):
        await task
    await database.close()


async def changes(database: Database, topic: Topic) -> None:
    async with database.write() as session:
        await session.execute(update(Desk).values(last_ticket_number=Desk.last_ticket_number + 1))
        session.wake(topic)


async def test_what_the_panel_commits_wakes_the_sender_of_another_process(database_url: str):
    async with process(database_url) as panel, process(database_url) as sender:
        for _ in range(20):
            waiting = asyncio.create_task(sender.wake.wait(Topic.OUTBOX, seconds=LONG))
            await changes(panel, Topic.OUTBOX)
            async with asyncio.timeout(PATIENCE):
                await waiting


async def test_nobody_is_woken_before_the_commit(database_url: str):
    async with process(database_url) as panel, process(database_url) as sender:
        waiting = asyncio.create_task(sender.wake.wait(Topic.OUTBOX, seconds=LONG))
        async with panel.write() as session:
            await session.execute(update(Desk).values(last_ticket_number=1))
            session.wake(Topic.OUTBOX)
            assert not (await asyncio.wait({waiting}, timeout=0.1))[0]
        async with asyncio.timeout(PATIENCE):
            await waiting


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_only_those_are_woken_whom_it_concerns_and_nobody_by_himself(database_url: str):
    async with process(database_url) as panel, process(database_url) as other:
        await changes(panel, Topic.FILES)
        await changes(panel, Topic.REPORTS)
        async with asyncio.timeout(PATIENCE):
            await panel.wake.wait(Topic.FILES, seconds=LONG)
            await other.wake.wait(Topic.REPORTS, seconds=LONG)
            await other.wake.wait(Topic.FILES, seconds=LONG)
        waiting = [asyncio.create_task(other.wake.wait(Topic.OUTBOX, seconds=LONG))]
        waiting.append(asyncio.create_task(panel.wake.wait(Topic.FILES, seconds=LONG)))
        assert not (await asyncio.wait(waiting, timeout=0.1))[0]
        for task in waiting:
            task.cancel()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_made_anew_and_wakes_everybody(database_url: str, database: Database):
    with capture_logs() as logs:
        async with process(database_url) as panel, process(database_url) as sender:
            async with database.write() as session:
                await session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'ventanilla-apart' AND datname = current_database()"
                    )
                )
            async with asyncio.timeout(PATIENCE):
                for process_of in (panel, sender):
                    await process_of.wake.wait(Topic.OUTBOX, seconds=LONG)
            waiting = asyncio.create_task(sender.wake.wait(Topic.OUTBOX, seconds=LONG))
            await changes(panel, Topic.OUTBOX)
            async with asyncio.timeout(PATIENCE):
                await waiting
    assert {line["event"] for line in logs} == {"other processes are not heard for now"}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_many_commits_are_few_notices(database_url: str):
    heard: list[str] = []
    async with process(database_url) as panel, panel.own_connection() as listener:
        await listener.add_listener(CHANNEL, lambda *notice: heard.append(notice[-1]))
        for _ in range(50):
            panel.wake.announce([Topic.INBOX, Topic.OUTBOX])
        await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            while not heard:
                await listener.fetchval("SELECT 1")
    assert heard == ["inbox,outbox"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_desk_that_is_one_process_on_sqlite_needs_no_bells(database: Database):
    assert bells_for(database, is_split=False) is None
