"""The simulator's own SQLite file: state lives in memory and is written behind in batches."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot.simulator.changes import Signal

WRITE_BEHIND_SECONDS = 0.05

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (key TEXT PRIMARY KEY, bytes BLOB NOT NULL);
"""

Produce = Callable[[], Any]


class Store:
    """Facts are JSON by kind and key; contents are bytes. Without a path nothing outlives the process."""

    def __init__(self, path: Path | None) -> None:
        self.durable = path is not None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.executescript(SCHEMA)
        self._dirty: dict[tuple[str, str], Produce | None] = {}
        self._contents: dict[str, bytes] = {}
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()
        self.written = Signal()

    @property
    def unwritten(self) -> int:
        """How many facts and files a kill would lose now."""
        return len(self._dirty) + len(self._contents)

    def load(self, kind: str) -> Iterator[tuple[str, Any]]:
        rows = self._connection.execute("SELECT key, value FROM facts WHERE kind = ?", (kind,))
        for key, value in rows:
            yield key, json.loads(value)

    def mark(self, kind: str, key: str, produce: Produce) -> None:
        """Remember to write this fact; `produce` is asked for its value when the batch is written."""
        if self.durable:
            self._dirty[kind, key] = produce
            self._something.set()

    def forget(self, kind: str, key: str) -> None:
        if self.durable:
            self._dirty[kind, key] = None
            self._something.set()

    def keep_bytes(self, key: str, content: bytes) -> None:
        self._contents[key] = content
        self._something.set()

    async def read_bytes(self, key: str) -> bytes | None:
        if key in self._contents:
            return self._contents[key]
        async with self._writing:
            return await asyncio.to_thread(self._select_bytes, key)

    def _select_bytes(self, key: str) -> bytes | None:
        row = self._connection.execute("SELECT bytes FROM contents WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    async def write_behind(self) -> None:
        """Runs until cancelled: one transaction for everything that changed in the last moment."""
        while True:
            await self._something.wait()
            await asyncio.sleep(WRITE_BEHIND_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        async with self._writing:
            dirty, self._dirty = self._dirty, {}
            contents = dict(self._contents)
            self._something.clear()
            if not dirty and not contents:
                return
            gone = [place for place, produce in dirty.items() if produce is None]
            rows = [(*place, json.dumps(produce())) for place, produce in dirty.items() if produce is not None]
            writing = asyncio.ensure_future(asyncio.to_thread(self._write, gone, rows, contents))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:  # the thread writes on: neither the next flush nor a close may cross it
                await asyncio.wait([writing])
                raise
            for key in contents:
                self._contents.pop(key, None)
            self.written.fire()

    def _write(
        self, gone: list[tuple[str, str]], rows: list[tuple[str, str, str]], contents: dict[str, bytes]
    ) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        execute("BEGIN IMMEDIATE")
        many("DELETE FROM facts WHERE kind = ? AND key = ?", gone)
        many("INSERT OR REPLACE INTO facts (kind, key, value) VALUES (?, ?, ?)", rows)
        many("INSERT OR REPLACE INTO contents (key, bytes) VALUES (?, ?)", contents.items())
        execute("COMMIT")

    async def close(self) -> None:
        await self.flush()
        self._connection.close()
