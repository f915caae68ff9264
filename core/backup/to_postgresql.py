"""Puts a restored desk into PostgreSQL: one transaction, so that there is the old desk or the new one."""

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core import migrations
from core.backup import BackupError
from core.backup.dump import raw, table_columns
from core.backup.manifest import Manifest
from core.backup.settling import Settled
from core.backup.to_sqlite import IN_USE, NOT_EMPTY
from core.backup.workroom import Course
from core.db import Base, Database, WriteSession

_VERSIONS = "alembic_version"
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'ventanilla' AND pid <> pg_backend_pid()
"""
_LINKS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
_SEQUENCES = """
    SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
    FROM information_schema.columns WHERE table_schema = current_schema()
"""


async def check(database: Database, *, force: bool) -> None:
    """Raises BackupError where nothing may be restored."""
    # the connection of a writer fills the database afterwards: there is no other one then
    async with database.write() as session:
        await _check(await session.connection(), force=force)


async def put(
    database: Database,
    told: Manifest,
    member: Callable[[str], Path],
    settle: Callable[[WriteSession], Awaitable[Settled]],
    *,
    before: Callable[[], Awaitable[None]],
    force: bool,
    stamp: str,
    course: Course,
) -> tuple[Settled, str]:
    """Fill the database and commit after ``before``; returns the schema that keeps the old desk, or ''."""
    async with database.write() as session:
        connection = await session.connection()
        await migrations.lock(connection)
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        is_empty = await _check(connection, force=force)
        aside = await _move_aside(connection, f"before_restore_{stamp.lower()}")
        await migrations.bring(connection, told.revision)
        await _fill(connection, told, member, course)
        await migrations.bring(connection)
        settled = await settle(session)
        if is_empty and aside:
            await connection.execute(text(f"DROP SCHEMA {aside} CASCADE"))
        await before()
    return settled, "" if is_empty else aside


async def _check(connection: AsyncConnection, *, force: bool) -> bool:
    """Whether the desk here is empty."""
    if (await connection.execute(text(_OTHERS))).scalar_one():
        raise BackupError(IN_USE)
    there = await table_columns(connection)
    for table in {"companies", "technicians", "people", "tickets"}.intersection(there):
        if (await connection.execute(text(f"SELECT 1 FROM {table} LIMIT 1"))).first():  # noqa: S608 - our own names
            if not force:
                raise BackupError(NOT_EMPTY)
            return False
    return True


async def _move_aside(connection: AsyncConnection, schema: str) -> str:
    """Our tables only: the database may hold those of others too. '' where there is none."""
    ours = {*Base.metadata.tables, _VERSIONS}.intersection(await table_columns(connection))
    if not ours:
        return ""
    await connection.execute(text(f"CREATE SCHEMA {schema}"))
    for table in sorted(ours):
        await connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA {schema}'))
    return schema


async def _fill(connection: AsyncConnection, told: Manifest, member: Callable[[str], Path], course: Course) -> None:
    """Rows as they were; foreign keys come back afterwards and are checked then, all at once."""
    links = (await connection.execute(text(_LINKS))).all()
    for table, name, _ in links:
        await connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    driver: Any = await raw(connection)
    for number, (name, table) in enumerate(told.tables.items(), start=1):
        await connection.execute(text(f'TRUNCATE "{name}"'))  # what migrations put there
        with gzip.open(member(f"database/{name}.copy.gz")) as source:
            try:
                status = await driver.copy_to_table(name, source=source, columns=table.columns, timeout=None)
            except Exception as error:  # the driver's own, which SQLAlchemy does not see here
                raise BackupError("%(table)s cannot be filled: %(reason)s.", table=name, reason=error) from error
        if int(status.split()[1]) != table.rows:
            raise BackupError("The database in the backup is damaged.")
        course.at(f"filling the database: {number} of {len(told.tables)} tables")
    for table, name, definition in links:
        await connection.execute(text(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
    for table, column, sequence in (await connection.execute(text(_SEQUENCES))).all():
        if sequence:
            newest = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"'  # noqa: S608 - our own names
            await connection.execute(text(f"SELECT setval('{sequence}', ({newest}), false)"))
