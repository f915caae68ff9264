"""Brings a database to the newest schema; killable at any point, safe when two processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.db import Database

MIGRATION_LOCK = 0x56656E74  # "Vent", the key of PostgreSQL's advisory lock


async def upgrade(database: Database) -> None:
    """Run all missing migrations in one transaction."""
    async with database.write() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            await session.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether the schema is the one this code was written for."""
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_revision) == ScriptDirectory.from_config(_config()).get_current_head()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
