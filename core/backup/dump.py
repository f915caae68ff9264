"""A snapshot of the whole database as files, taken beside a running desk."""

import gzip
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.backup import BackupError
from core.backup.manifest import Backend, Table
from core.backup.workroom import Course, copy
from core.clock import now
from core.db import Database

# Columns that name a file of the store, and what people call that file; a schema may not have them yet.
STORED = (
    ("attachments", "sha256", "name"),
    ("attachments", "thumbnail_sha256", "name"),
    ("reports", "pdf_sha256", "file_name"),
    ("statement_orders", "sha256", "file_name"),
    ("desk_logos", "sha256", "file_name"),
)
_VERSIONS = "alembic_version"
_REVISION = "SELECT version_num FROM alembic_version"
_PACKED = 3  # gzip's level: most of the gain for a fifth of the time
_STEPS = 100_000  # SQLite's instructions between two looks whether to go on


@dataclass
class Dump:
    """``members``: name in the archive → file; ``files``: SHA-256 → a name people know."""

    backend: Backend
    revision: str
    moment: datetime = field(default_factory=now)
    tables: dict[str, Table] = field(default_factory=dict)
    members: dict[str, Path] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


async def take(database: Database, folder: Path, course: Course) -> Dump:
    """Raises BackupError where there is nothing to back up."""
    if not database.is_sqlite:
        return await _of_postgresql(database, folder, course)
    source = Path(database.url.database or "")
    return await course.in_thread(partial(_of_sqlite, source, folder, course))


def _of_sqlite(source: Path, folder: Path, course: Course) -> Dump:
    if not source.is_file():
        raise BackupError("There is no database at %(path)s.", path=source)
    plain, packed = folder / "desk.sqlite", folder / "desk.sqlite.gz"
    with closing(sqlite3.connect(source)) as connection:
        connection.set_progress_handler(lambda: int(course.is_stopped), _STEPS)
        connection.execute("VACUUM INTO ?", (str(plain),))
    with closing(sqlite3.connect(plain)) as connection:
        tables = [name for (name,) in connection.execute(_SQLITE_TABLES)]
        if _VERSIONS not in tables:
            raise BackupError("The database at %(path)s has no tables of Ventanilla.", path=source)
        (revision,) = connection.execute(_REVISION).fetchone()
        dump = Dump("sqlite", revision)
        for name in tables:
            columns = tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{name}")'))
            dump.tables[name] = Table(rows=rows_in(connection, name), columns=columns)
        for query in _file_queries(dump.tables):
            dump.files |= dict(connection.execute(query).fetchall())
    with plain.open("rb") as file, gzip.open(packed, "wb", compresslevel=_PACKED) as target:
        copy(file, target, course, "packing the database")
    plain.unlink()
    dump.members = {"database/desk.sqlite.gz": packed}
    return dump


async def _of_postgresql(database: Database, folder: Path, course: Course) -> Dump:
    """Every table by COPY, in one snapshot: no program of the server's version is needed for it."""
    async with database.read() as session:
        connection = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        columns = await table_columns(connection)
        if _VERSIONS not in columns:
            raise BackupError("The database has no tables of Ventanilla.")
        revision = (await connection.execute(text(_REVISION))).scalar_one()
        dump = Dump("postgresql", revision)
        driver = await raw(connection)
        for name, of_table in columns.items():
            path = folder / f"{name}.copy.gz"
            with gzip.open(path, "wb", compresslevel=_PACKED) as target:
                status = await _copied(driver, name, of_table, target)
            dump.tables[name] = Table(rows=int(status.split()[1]), columns=tuple(of_table))
            dump.members[f"database/{name}.copy.gz"] = path
            course.at(f"packing the database: {len(dump.tables)} of {len(columns)} tables")
        for query in _file_queries(dump.tables):
            dump.files |= {row.file: row.name for row in await connection.execute(text(query))}
    return dump


def rows_in(connection: sqlite3.Connection, table: str) -> int:
    (rows,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - a name of ours
    return int(rows)


async def table_columns(connection: AsyncConnection) -> dict[str, list[str]]:
    """The desk's tables in PostgreSQL, and the columns that are not computed from others."""
    found: dict[str, list[str]] = {}
    for table, column in await connection.execute(text(_POSTGRESQL_COLUMNS)):
        found.setdefault(table, []).append(column)
    return found


async def raw(connection: AsyncConnection) -> Any:
    """asyncpg's own connection, inside the same transaction."""
    return (await connection.get_raw_connection()).driver_connection


async def _copied(driver: Any, table: str, columns: Sequence[str], target: gzip.GzipFile) -> str:
    try:
        return str(await driver.copy_from_table(table, output=target, columns=columns, timeout=None))
    except Exception as error:  # the driver's own, which SQLAlchemy does not see here
        raise BackupError("%(table)s cannot be read: %(reason)s.", table=table, reason=error) from error


def _file_queries(tables: dict[str, Table]) -> Sequence[str]:
    """Only names of our own tables come into these statements."""
    return [
        f"SELECT {column} AS file, {name} AS name FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - names of ours
        for table, column, name in STORED
        if table in tables and column in tables[table].columns
    ]


# virtual tables of a search index bring shadow tables along: VACUUM INTO keeps both, and counting the rows suffices
_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_POSTGRESQL_COLUMNS = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
    ORDER BY c.table_name, c.ordinal_position
"""
