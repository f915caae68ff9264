"""Waking those who wait: one signal per thing that changes, one feed for the pages."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FEED_LIMIT = 1000


class Signal:
    """Wakes everybody waiting at this moment; nobody waiting costs nothing."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def fire(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        self._waiting = None

    def next(self) -> "asyncio.Future[None]":
        """A future of the next firing, shared: shield it before anything that may cancel it."""
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting

    async def wait(self, seconds: float) -> bool:
        """Whether it fired within that time."""
        if seconds <= 0:
            return False
        done, _ = await asyncio.wait({self.next()}, timeout=seconds)
        return bool(done)


class Feed:
    """Every change of every chat and of the mailbox, for the event streams of the pages."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[dict[str, Any] | None]] = set()

    @property
    def read(self) -> bool:
        return bool(self._readers)

    def publish(self, change: dict[str, Any]) -> None:
        for reader in self._readers:
            if reader.qsize() >= FEED_LIMIT:
                # A page that cannot keep up starts over; its own queue must not eat the memory.
                while not reader.empty():
                    reader.get_nowait()
                reader.put_nowait({"kind": "resync"})
            else:
                reader.put_nowait(change)

    @contextmanager
    def reading(self) -> "Iterator[asyncio.Queue[dict[str, Any] | None]]":
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._readers.add(queue)
        try:
            yield queue
        finally:
            self._readers.discard(queue)

    def close(self) -> None:
        """None ends every stream: an open one would hold up the shutdown."""
        for reader in self._readers:
            reader.put_nowait(None)
