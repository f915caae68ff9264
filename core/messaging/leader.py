"""What must not be done by two processes at once: the lock is the kernel's or the database's, not a lease."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any, Protocol

import structlog

from core.db import Database
from core.rules.retries import backoff
from core.wake import comes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0  # how often one who waits tries again, and one who leads asks whether it still does
FIRST_LOOK_SECONDS = 0.05  # PostgreSQL takes a moment to see that the process before this one is dead
LONGEST_WAIT = 5.0  # for a database that is away: a desk must not stand still long after it is back
ANSWER_SECONDS = 4.0  # a database silent for so long has lost us
LEAVING_SECONDS = 6.0  # for loops that end because another process may lead by now

_NAMESPACE = 0x56454E54  # "VENT": advisory locks of other programs in the same database are none of ours


class Duty(IntEnum):
    """What one process of a desk does at a time; the number is the advisory lock's."""

    POLL = 1
    SEND = 2

    @property
    def label(self) -> str:
        return self.name.lower()


class Loop(Protocol):
    """Something that runs until it is told to stop."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Leader:
    """Runs fresh loops while this process has the lock, and ends them the moment it is lost."""

    def __init__(self, database: Database, duty: Duty, make_loops: Callable[[], Sequence[Loop]]) -> None:
        self._database, self._duty, self._make_loops = database, duty, make_loops
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Wait, lead, wait again, until ``stop``; a database that is away is waited for."""
        failures = 0
        while not self._stopping.is_set():
            try:
                async with _lock_for(self._database, self._duty) as lock:
                    failures = 0
                    if await self._take(lock):
                        await self._lead(lock)
                pause = LOOK_SECONDS
            except Exception as error:
                failures += 1
                pause = min(backoff(failures).total_seconds(), LONGEST_WAIT)
                log.error("nobody knows who leads", role=self._duty.label, error=repr(error), failures=failures)
            await comes(self._stopping, seconds=pause)

    def stop(self) -> None:
        self._stopping.set()

    async def _take(self, lock: "_Lock") -> bool:
        """Wait for the lock; False when it is time to stop instead."""
        pause, is_said = FIRST_LOOK_SECONDS, False
        while not self._stopping.is_set():
            if await lock.take():
                return True
            if pause >= LOOK_SECONDS and not is_said:
                log.info("another process has this role; this one waits to take over", role=self._duty.label)
                is_said = True
            await comes(self._stopping, seconds=min(pause, LOOK_SECONDS))
            pause *= 2
        return False

    async def _lead(self, lock: "_Lock") -> None:
        loops = self._make_loops()
        running = [asyncio.create_task(loop.run(), name=type(loop).__name__) for loop in loops]
        lost, stop = asyncio.create_task(lock.lost()), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({*running, lost, stop}, return_when=asyncio.FIRST_COMPLETED)
            for loop in loops:
                loop.stop()
            if not stop.done():
                reason = lost.result() if lost.done() else "a loop ended by itself"
                log.error("this process leads no more", role=self._duty.label, reason=reason)
            await asyncio.wait(running, timeout=None if stop.done() else LEAVING_SECONDS)
        finally:
            await self._clear_away([*running, lost, stop])

    async def _clear_away(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        for ending in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ending, Exception):
                log.error("a loop broke", role=self._duty.label, exc_info=ending)


class _FileLock:
    """``flock`` on a file beside the SQLite file: the kernel releases it with the process, however that ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def take(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def lost(self) -> str:
        """Never returns."""
        await asyncio.Event().wait()
        return ""


class _AdvisoryLock:
    """A lock of one PostgreSQL session: the server releases it with the connection."""

    def __init__(self, connection: Any, duty: Duty) -> None:
        self._connection, self._duty = connection, duty

    async def take(self) -> bool:
        query = "SELECT pg_try_advisory_lock($1, $2)"
        return bool(await self._connection.fetchval(query, _NAMESPACE, self._duty, timeout=ANSWER_SECONDS))

    async def lost(self) -> str:
        """Return, saying why, once the session is over."""
        ended = asyncio.Event()
        self._connection.add_termination_listener(lambda _: ended.set())
        while True:
            try:
                await self._connection.fetchval("SELECT 1", timeout=ANSWER_SECONDS)
            except Exception as error:
                return repr(error)
            await comes(ended, seconds=LOOK_SECONDS)


_Lock = _FileLock | _AdvisoryLock


@asynccontextmanager
async def _lock_for(database: Database, duty: Duty) -> AsyncIterator[_Lock]:
    """The lock, not taken yet; it is free again when this ends."""
    if not database.is_sqlite:
        async with database.own_connection() as connection:
            yield _AdvisoryLock(connection, duty)
        return
    path = f"{database.url.database}.{duty.label}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _FileLock(descriptor)
    finally:
        os.close(descriptor)
