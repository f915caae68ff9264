"""The database keeps what it was told, on both engines."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text, update

from core import migrations
from core.clock import now
from core.db import Database
from core.models import Company, Desk
from tests.patience import PATIENCE


async def test_concurrent_read_modify_writes_lose_nothing(database: Database):
    async def take_a_number() -> None:
        async with database.write() as session:
            desk = await session.get_one(Desk, 1, with_for_update=True)
            desk.last_ticket_number += 1

    await asyncio.gather(*(take_a_number() for _ in range(20)))
    async with database.read() as session:
        assert await session.scalar(select(Desk.last_ticket_number)) == 1020


async def test_a_failed_unit_of_work_leaves_nothing(database: Database):
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await session.execute(update(Desk).values(bot_id=7))
            raise ZeroDivisionError
    async with database.read() as session:
        assert await session.scalar(select(Desk.bot_id)) is None


async def test_many_new_rows_each_know_their_own_id(database: Database):
    """They share an INSERT; which id belongs to which is told by their order."""
    async with database.write() as session:
        new = [Company(ruc=f"{number:013}", name=f"Nº {number}", created_at=now()) for number in range(500)]
        session.add_all(new)
        await session.flush()
        found = {row.id: row.ruc for row in await session.execute(select(Company.id, Company.ruc))}
    assert found == {company.id: company.ruc for company in new}


async def test_a_cancelled_unit_of_work_frees_the_writer(database: Database):
    entered = asyncio.Event()

    async def hang() -> None:
        async with database.write() as session:
            await session.execute(update(Desk).values(bot_id=7))
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(PATIENCE), database.write() as session:
        assert await session.scalar(select(Desk.bot_id)) is None


async def test_moments_come_back_aware_and_equal(database: Database):
    galapagos = datetime(2026, 3, 1, 22, 30, tzinfo=timezone(timedelta(hours=-6)))
    async with database.write() as session:
        session.add(Company(ruc="0992345678001", name="Prueba", created_at=galapagos))
    async with database.read() as session:
        company = (await session.scalars(select(Company))).one()
    assert company.created_at == galapagos
    assert company.created_at.utcoffset() == timedelta(0)


async def test_a_naive_moment_is_refused(database: Database):
    with pytest.raises(Exception, match="needs a time zone"):
        async with database.write() as session:
            session.add(Company(ruc="0992345678001", name="Prueba", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_a_reader_cannot_write(database: Database):
    async with database.read() as session:
        with pytest.raises(Exception, match=r"(?i)read-?only"):
            await session.execute(text("UPDATE desk SET bot_id = 7"))


async def test_a_reader_sees_what_was_written_since_its_last_question(database: Database):
    async with database.read() as reading:
        assert await reading.scalar(select(Desk.bot_id)) is None
        async with database.write() as session:
            await session.execute(update(Desk).values(bot_id=7))
        assert await reading.scalar(select(Desk.bot_id)) == 7


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_connection_that_the_server_ended_is_not_used_again(database: Database):
    async with database.read() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        ended = asyncio.Event()
        driver.add_termination_listener(lambda _: ended.set())
    async with database.write() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": driver.get_server_pid()})
    async with asyncio.timeout(PATIENCE):
        await ended.wait()
    async with database.read() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_migrating_twice_at_once_is_migrating_once(database: Database):
    await asyncio.gather(migrations.upgrade(database), migrations.upgrade(database))
    assert await migrations.is_current(database)


async def test_the_tables_are_what_the_code_says(database: Database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from core.db import Base

    # the full-text index is SQL's own on each database, and a test of its own searches it
    ours = {"include_name": lambda name, _kind, _parents: "_fts" not in (name or "")}
    async with database.read() as session:
        connection = await session.connection()
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=ours), Base.metadata)
        )
    assert differences == []


async def test_waking_happens_only_after_the_commit(database: Database):
    from core.wake import Topic

    async with database.write() as session:
        session.wake(Topic.OUTBOX)
        started = now()
        await database.wake.wait(Topic.OUTBOX, seconds=0.01)
        assert now() - started >= timedelta(seconds=0.009)
    async with asyncio.timeout(PATIENCE):
        await database.wake.wait(Topic.OUTBOX, seconds=600)
