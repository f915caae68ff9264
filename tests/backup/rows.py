"""Rows for any schema: a few in every table, of what its columns take, and what is in all of them."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
    text,
)

from core.clock import now
from core.db import Base, Database

ROWS = 2
_NOT_OURS = ("alembic_version", "sqlite_")


async def fill(database: Database) -> None:
    """Two rows in every table that has none yet, whatever the schema."""
    async with database.write() as session:
        await (await session.connection()).run_sync(_fill)


async def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its primary key."""
    async with database.read() as session:
        return await (await session.connection()).run_sync(_contents)


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [
        table
        for table in found.sorted_tables
        if not table.name.startswith(_NOT_OURS) and "_fts" not in table.name  # a search index fills itself
    ]


def _fill(connection: Connection) -> None:
    for table in _tables(connection):
        if connection.scalar(select(func.count()).select_from(table)):
            continue
        for row in range(1, ROWS + 1):
            values = {column.name: _value(connection, column, row) for column in table.c if column.computed is None}
            connection.execute(
                insert(table).values({name: value for name, value in values.items() if value is not None})
            )
        key = table.c.get("id")
        if connection.dialect.name == "postgresql" and key is not None and isinstance(key.type, Integer):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {ROWS})"))


def _value(connection: Connection, column: Column, row: int) -> Any:
    if column.foreign_keys:
        parent = next(iter(column.foreign_keys)).column
        if parent.table is column.table:
            return None
        return connection.scalar(select(parent).order_by(parent).offset(row - 1).limit(1)) or connection.scalar(
            select(func.min(parent))
        )
    known = Base.metadata.tables.get(column.table.name)
    as_known = known.c.get(column.name) if known is not None else None
    if as_known is not None and isinstance(as_known.type, Enum):
        return as_known.type.enums[0]
    if isinstance(column.type, String):
        digest = hashlib.sha256(f"{column.table.name} {column.name} {row}".encode()).hexdigest()
        return f"{row}{digest if 'sha256' in column.name else column.name}"[: column.type.length or 40]
    return next(value for kind, value in _plain(row) if isinstance(column.type, kind))


def _plain(row: int) -> tuple[tuple[type, Any], ...]:
    return (
        (Boolean, False),
        (Integer, row),
        (DateTime, now()),
        (Date, now().date() + timedelta(days=row)),
        (JSON, {"n": row}),
        (LargeBinary, b"what a customer wrote"),
    )


def _contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [
            dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        ]
        for table in _tables(connection)
    }
