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
    TextClause,
    TextualSelect,
    bindparam,
    text,
)

from core.clock import now
from core.db import Base, Database

ROWS = 2
_NOT_OURS = ("alembic_version", "sqlite_")

# All that tells one schema from another.
_SCHEMA = {
    "sqlite": """
        SELECT t.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || c.pk || c.hidden
        FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type = 'table'
        UNION ALL
        SELECT t.name || ' ' || f."from" || ' ' || f."table" || ' ' || coalesce(f."to", '')
        FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'
        ORDER BY 1""",
    "postgresql": """
        SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        UNION ALL
        SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(pg_constraint.oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p')
        ORDER BY 1""",
}
_known: dict[tuple[str, ...], list[Table]] = {}


async def fill(database: Database) -> None:
    """Two rows in every table that has none yet, whatever the schema."""
    async with database.write() as session:
        await (await session.connection()).run_sync(_fill)


async def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its primary key."""
    async with database.read() as session:
        return await (await session.connection()).run_sync(_contents)


def _tables(connection: Connection) -> list[Table]:
    """Looked up once for each schema, since that takes longer than all the rest."""
    schema = (connection.dialect.name, *connection.scalars(text(_SCHEMA[connection.dialect.name])))
    if schema not in _known:
        _known[schema] = _found(connection)
    return _known[schema]


def _found(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [
        table
        for table in found.sorted_tables
        if not table.name.startswith(_NOT_OURS) and "_fts" not in table.name  # a search index fills itself
    ]


def _fill(connection: Connection) -> None:
    for table in _tables(connection):
        if connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM {table.name})")):
            continue
        columns = {column.name: _values(connection, column) for column in table.c if column.computed is None}
        given = {name: values for name, values in columns.items() if values is not None}
        connection.execute(
            _insert(table, list(given)),
            [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)],
        )
        key = table.c.get("id")
        if connection.dialect.name == "postgresql" and key is not None and isinstance(key.type, Integer):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {ROWS})"))


def _insert(table: Table, names: list[str]) -> TextClause:
    """As text, which neighbouring schemas have in common: their tables are others, and each would be compiled."""
    columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    typed = [bindparam(name, type_=table.c[name].type) for name in names]
    return text(f"INSERT INTO {table.name} ({columns}) VALUES ({values})").bindparams(*typed)


def _values(connection: Connection, column: Column) -> list[Any] | None:
    """What the column holds in row after row; None where it stays empty."""
    if not column.foreign_keys:
        return [_value(column, row) for row in range(1, ROWS + 1)]
    parent = next(iter(column.foreign_keys)).column
    if parent.table is column.table:
        return None
    found = text(f'SELECT "{parent.name}" FROM {parent.table.name} ORDER BY 1 LIMIT {ROWS}')
    known = list(connection.scalars(found.columns(**{parent.name: parent.type})))
    return [*known, *known[:1] * ROWS][:ROWS] or None


def _value(column: Column, row: int) -> Any:
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
        table.name: [dict(row) for row in connection.execute(_select(table)).mappings()]
        for table in _tables(connection)
    }


def _select(table: Table) -> TextualSelect:
    columns, key = [", ".join(f'"{column.name}"' for column in some) for some in (table.c, table.primary_key)]
    found = text(f"SELECT {columns} FROM {table.name} ORDER BY {key}")
    return found.columns(**{column.name: column.type for column in table.c})
