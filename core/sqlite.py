"""aiosqlite for SQLAlchemy in one visit to the connection's thread per statement instead of four.

The dialect's own cursor visits the thread to make a cursor, to execute, to fetch and to close; each visit costs two
switches of thread, which is most of what a small statement costs (docs/decisions/0009). A transaction begins in the
visit of its first statement, and what never began is not ended (docs/decisions/0016).
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.util.concurrency import await_


class _Cursor:
    """What SQLAlchemy asks of a DBAPI cursor; the rows are all there when ``execute`` returns."""

    server_side = False
    arraysize = 1

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        if operation.startswith("BEGIN"):
            self._connection.begin = operation
            return
        self._visit("execute", operation, parameters)

    def executemany(self, operation: str, parameters: Sequence[Any]) -> None:
        self._visit("executemany", operation, parameters)

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Called by SQLAlchemy's asyncio layer; the cursor is closed already."""

    def _visit(self, how: str, operation: str, parameters: Sequence[Any]) -> None:
        driver, begin = self._connection._connection, self._connection.takes_begin()
        try:
            found = await_(driver._execute(partial(_run, driver._conn, begin, how, operation, parameters)))
        except Exception as error:
            self._connection._handle_exception(error)
        rows, self.description, self.rowcount, self.lastrowid = found
        self._rows = deque(rows)


def _run(
    connection: sqlite3.Connection, begin: str, how: str, operation: str, parameters: Sequence[Any]
) -> tuple[list[Any], Any, int, int | None]:
    """In the connection's thread: the statement, its rows, and the cursor's facts."""
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(begin)
        getattr(cursor, how)(operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return rows, cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    """``begin``: the statement that begins a transaction, until the first statement of it takes it along."""

    __slots__ = ("_has_begun", "begin")
    _cursor_cls = _Cursor  # type: ignore[assignment]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.begin, self._has_begun = "", False

    def takes_begin(self) -> str:
        """What is to be run before the statement: from now on there may be a transaction, whatever comes of it."""
        begin, self.begin = self.begin, ""
        self._has_begun = self._has_begun or bool(begin)
        return begin

    def commit(self) -> None:
        self.begin = ""
        if self._has_begun:
            super().commit()
        self._has_begun = False

    def rollback(self) -> None:
        self.begin = ""
        if self._has_begun:
            super().rollback()
        self._has_begun = False


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """For ``create_async_engine(url, module=Driver())``."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> _Connection:
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        return _Connection(self, await_(connection))
