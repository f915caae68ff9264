"""Whether the database is the trouble, or what it was asked to do: the first is waited for, the second is not."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from core import jobs
from core.clock import now
from core.db import Database, WriteSession, is_passing
from core.jobs import Job
from core.models import Person
from core.settings import load

SECRET = "cuaderno azul"


async def add_ada(database: Database, telegram_id: int = 3001) -> None:
    async with database.write() as session:
        session.add(Person(telegram_id=telegram_id, first_name=SECRET, created_at=now()))


async def trouble(database: Database, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as raised:
        async with database.write() as session:
            await session.execute(text(statement))
    return raised.value


@pytest.mark.parametrize(
    "statement",
    ["SELECT nothing FROM nowhere", "SELECT SUM(", "INSERT INTO people (id, first_name) VALUES (1, 'Ada')"],
    ids=["no such table", "syntax", "constraint"],
)
async def test_a_bad_statement_is_no_trouble_that_passes(database: Database, statement: str):
    assert not is_passing(await trouble(database, statement))


async def test_the_same_person_twice_is_no_trouble_that_passes_and_tells_nothing_of_her(database: Database):
    await add_ada(database)
    with pytest.raises(DBAPIError) as raised:
        await add_ada(database)
    assert not is_passing(raised.value)
    assert SECRET not in str(raised.value)


async def test_a_number_too_large_is_no_trouble_that_passes(database: Database):
    with pytest.raises((DBAPIError, OverflowError)) as raised:
        async with database.read() as session:
            await session.scalar(select(Person.id).where(Person.id == 10**20))
    assert not is_passing(raised.value)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_locked_file_passes(database: Database):
    await add_ada(database)
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DBAPIError) as raised:
        async with database.read() as session:
            await session.execute(text("PRAGMA query_only=OFF"))
            await session.execute(text("PRAGMA busy_timeout=0"))
            await session.execute(text("DELETE FROM people"))
    other.close()
    assert is_passing(raised.value)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_full_disk_passes(database: Database):
    async with database.write() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count={pages}"))
    error = await trouble(
        database,
        "CREATE TABLE more AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 9000) SELECT i FROM n",
    )
    assert is_passing(error)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    ["SELECT pg_terminate_backend(pg_backend_pid())", "SET LOCAL statement_timeout=1; SELECT pg_sleep(1)"],
    ids=["the server goes", "too slow"],
)
async def test_a_server_that_goes_away_passes(database: Database, statement: str):
    with pytest.raises(DBAPIError) as raised:
        async with database.write() as session:
            for part in statement.split(";"):
                await session.execute(text(part))
    assert is_passing(raised.value)
    await add_ada(database)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_job_whose_server_goes_away_says_so_in_a_line_and_another_error_is_not_hidden(database: Database):
    async def is_cut_off(session: WriteSession) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async def is_wrong(session: WriteSession) -> None:
        await session.execute(text("SELECT nothing FROM nowhere"))

    with capture_logs() as logs:
        await jobs.run(database, load({}, env_file=None), Job("poda", timedelta(hours=1), is_cut_off))
    assert [(entry["event"], entry["job"]) for entry in logs] == [("a job waits for the database", "poda")]
    with pytest.raises(DBAPIError):
        await jobs.run(database, load({}, env_file=None), Job("poda", timedelta(hours=1), is_wrong))
