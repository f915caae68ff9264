"""Lets the processes of one desk hear each other; a bell not heard costs the second until the next look."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

import structlog

from core.db import Database
from core.rules.retries import backoff
from core.wake import Topic, comes

log = structlog.get_logger(__name__)

CHANNEL = "ventanilla"
GATHER_SECONDS = 0.01  # under load one notice stands for many commits
PROBE_SECONDS = 30.0
ANSWER_SECONDS = 4.0
GLANCE_SECONDS = 0.05


class NoticeBells:
    """PostgreSQL: NOTIFY after the commit and LISTEN, on a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Tell and listen until ``stop``; a lost connection is made anew."""
        failures = 0
        while not self._stopping.is_set():
            try:
                async with self._database.own_connection() as connection:
                    failures = 0
                    await self._listen(connection)
                    await self._tell(connection)
            except Exception as error:
                failures += 1
                log.warning("other processes are not heard for now", error=repr(error), failures=failures)
                await comes(self._stopping, seconds=backoff(failures).total_seconds())

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.hurry()

    async def _listen(self, connection: Any) -> None:
        own = connection.get_server_pid()

        def hear(_: Any, pid: int, _channel: str, payload: str) -> None:
            if pid != own:
                self._database.wake.ring({*payload.split(","), Topic.PAGES} & set(Topic))

        connection.add_termination_listener(lambda _: self._database.wake.hurry())
        await connection.add_listener(CHANNEL, hear)
        self._database.wake.ring(Topic)  # whatever was written before anybody listened here

    async def _tell(self, connection: Any) -> None:
        """Raises what asyncpg raises once the connection is lost."""
        while not self._stopping.is_set():
            topics = await self._database.wake.untold(seconds=PROBE_SECONDS)
            if topics:
                payload = ",".join(sorted(topics))
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload, timeout=ANSWER_SECONDS)
                await comes(self._stopping, seconds=GATHER_SECONDS)
            else:
                await connection.execute("SELECT 1", timeout=ANSWER_SECONDS)


class ChangeWatch:
    """SQLite: looks twenty times a second whether the file changed. It cannot tell what, so everybody is woken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        # a glance reads shared memory and takes microseconds: in a thread it would take ten times as long
        connection = sqlite3.connect(str(self._database.url.database), timeout=0, isolation_level=None)
        try:
            seen = None
            while not self._stopping.is_set():
                with suppress(sqlite3.OperationalError):  # the file is locked for a moment
                    (version,) = connection.execute("PRAGMA data_version").fetchone()
                    if version != seen:
                        self._database.wake.ring(Topic)
                    seen = version
                await comes(self._stopping, seconds=GLANCE_SECONDS)
        finally:
            connection.close()

    def stop(self) -> None:
        self._stopping.set()


def bells_for(database: Database, *, is_split: bool) -> NoticeBells | ChangeWatch | None:
    """The loop to run. ``is_split``: some of the desk's roles are in another process.

    None for a desk that is one process on SQLite: it hears itself.
    """
    if not database.is_sqlite:
        return NoticeBells(database)
    return ChangeWatch(database) if is_split else None
