"""Brings a database to the newest schema; killable at any point, safe when two processes start at once."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db import Database

MIGRATION_LOCK = 0x56656E74  # "Vent", the key of PostgreSQL's advisory lock


async def upgrade(database: Database, revision: str = "head") -> None:
    """Run all missing migrations, or those up to ``revision``, in one transaction."""
    async with database.write() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            await lock(connection)
        await bring(connection, revision)


async def lock(connection: AsyncConnection) -> None:
    """PostgreSQL: nobody else migrates until this transaction ends, which may take its time."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    await connection.execute(text("SET LOCAL statement_timeout = 0"))


async def bring(connection: AsyncConnection, revision: str = "head") -> None:
    """Run the migrations up to ``revision`` inside the connection's transaction."""
    await connection.run_sync(_upgrade, revision)


async def is_current(database: Database) -> bool:
    """Whether the schema is the one this code was written for."""
    return await revision_of(database) == head()


async def revision_of(database: Database) -> str | None:
    """The schema's revision; None for a database without tables."""
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_revision)


@cache
def head() -> str:
    """The newest revision this code knows."""
    newest = _scripts().get_current_head()
    assert newest is not None
    return newest


@cache
def revisions() -> tuple[str, ...]:
    """All released schemas, the oldest first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def _upgrade(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
