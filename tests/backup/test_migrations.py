"""From every released schema to the newest, with rows in every table, killed on the way or not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core import migrations
from core.db import Base, Database
from tests import databases
from tests.backup import rows
from tests.backup.shell import Shell


@pytest.fixture
def revision() -> str:
    """The oldest, where a test does not name another."""
    return migrations.revisions()[0]


@pytest.fixture
async def old_url(backend: str, revision: str, tmp_path: Path) -> AsyncIterator[str]:
    url = await databases.fresh_url(backend, tmp_path, revision)
    yield url
    await databases.drop(url)


@pytest.fixture
async def database(old_url: str) -> AsyncIterator[Database]:
    """Of the old schema, with rows in every table."""
    database = Database(old_url)
    await rows.fill(database)
    yield database
    await database.close()


def of_old(now: dict, before: dict) -> dict:
    """What the tables and columns of the old schema hold now."""
    kept = {}
    for table, old in before.items():
        if table in now:
            kept[table] = [{name: row[name] for name in old[0] if name in row} for row in now[table]]
    return kept


@pytest.mark.parametrize("revision", migrations.revisions())
async def test_every_released_schema_comes_up_to_date_with_its_rows(database: Database, revision: str):
    assert await migrations.revision_of(database) == revision
    before = await rows.contents(database)
    await migrations.upgrade(database)

    assert await migrations.is_current(database)
    after = await rows.contents(database)
    lost = {table for table in before if table in after and len(after[table]) < len(before[table])}
    assert not lost
    assert of_old(after, before) == {
        table: [{name: row[name] for name in row if name in after[table][0]} for row in old]
        for table, old in before.items()
        if table in after
    }
    async with database.read() as session:
        for mapper in Base.registry.mappers:  # the code reads what the old schema's rows became
            await session.scalars(select(mapper.class_))


async def test_a_migration_killed_in_the_middle_leaves_the_old_schema_and_its_rows(
    backend: str, database: Database, old_url: str, tmp_path: Path
):
    oldest = migrations.revisions()[0]
    before = await rows.contents(database)
    await database.close()
    shell = Shell(tmp_path / "data", DATABASE_URL=old_url)

    full = shell.runs("migrate", FAILPOINT="backup.mid=enospc")
    assert full.returncode == 1
    assert "The backup cannot be made: No space left on device. Nothing is migrated;" in full.stderr
    assert shell.runs("migrate", FAILPOINT="migrate.mid:2=kill").returncode == -9
    assert await migrations.revision_of(database) == oldest
    assert await rows.contents(database) == before
    await database.close()

    says = shell.succeeds("migrate")
    assert says.startswith(f"The database went from schema {oldest} to {migrations.head()}; as it was it is in ")
    assert await migrations.is_current(database)
    await database.close()

    # and what was kept is the desk before: it comes back, and comes up to date
    kept = shell.folder / says.rstrip(".").rpartition(" ")[2]
    fresh = await databases.blank_url(backend, tmp_path)
    restored = Shell(tmp_path / "other", DATABASE_URL=fresh).succeeds("restore", str(kept))
    assert f"companies: {rows.ROWS}" in restored
    database = Database(fresh)
    after = of_old(await rows.contents(database), before)
    assert after["companies"] == [{name: row[name] for name in after["companies"][0]} for row in before["companies"]]
    await database.close()
    await databases.drop(fresh)


async def test_where_nothing_is_to_do_nothing_is_said_nor_kept(database_url: str, tmp_path: Path):
    shell = Shell(tmp_path / "data", DATABASE_URL=database_url)
    done = shell.runs("migrate")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (shell.folder / "backups").exists()
