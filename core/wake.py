"""Wakes the loops of this process after a commit; it never carries anything.

``core.messaging.bells`` lets the desk's other processes hear it. A loop that sleeps through a wake-up all the same
finds its work at the next look.
"""

import asyncio
from collections.abc import Iterable
from enum import StrEnum


class Topic(StrEnum):
    INBOX = "inbox"
    OUTBOX = "outbox"
    FILES = "files"
    REPORTS = "reports"
    ALBUMS = "albums"
    STATEMENTS = "statements"
    PAGES = "pages"  # rung by every commit: who shows pages looks whether it concerns them


async def comes(event: asyncio.Event, *, seconds: float) -> bool:
    """Wait for the event, ``seconds`` at the most; whether it came. Told to stop, nobody oversleeps."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return event.is_set()


class Wake:
    """One flag per topic: ``ring`` sets it, ``wait`` clears it and returns at once if it was set."""

    def __init__(self) -> None:
        self._flags = {topic: asyncio.Event() for topic in Topic}
        self._untold: set[Topic] = set()
        self._telling = asyncio.Event()

    def ring(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._flags[Topic(topic)].set()

    def announce(self, topics: Iterable[Topic]) -> None:
        """Ring here, and hand on what the other processes should hear."""
        topics = frozenset(topics)
        if topics:
            self.ring(topics)
            self._untold |= topics
            self.hurry()

    def hurry(self) -> None:
        """Let ``untold`` return at once."""
        self._telling.set()

    async def untold(self, *, seconds: float) -> frozenset[Topic]:
        """Take what was announced since the last call; wait ``seconds`` for it at the most."""
        await comes(self._telling, seconds=seconds)
        self._telling.clear()
        topics, self._untold = frozenset(self._untold), set()
        return topics

    async def wait(self, topic: Topic, *, seconds: float) -> None:
        """Return when the topic rings, or after ``seconds`` at the latest."""
        if await comes(self._flags[topic], seconds=seconds):
            self._flags[topic].clear()
