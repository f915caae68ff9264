"""Wakes the loops of this process after a commit; it never carries anything.

A loop that sleeps through a wake-up (another process wrote) finds its work at the next look anyway.
"""

import asyncio
from collections.abc import Iterable
from enum import StrEnum


class Topic(StrEnum):
    INBOX = "inbox"
    OUTBOX = "outbox"
    FILES = "files"
    REPORTS = "reports"


class Wake:
    """One flag per topic: ``ring`` sets it, ``wait`` clears it and returns at once if it was set."""

    def __init__(self) -> None:
        self._flags = {topic: asyncio.Event() for topic in Topic}

    def ring(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._flags[Topic(topic)].set()

    async def wait(self, topic: Topic, *, seconds: float) -> None:
        """Return when the topic rings, or after ``seconds`` at the latest."""
        flag = self._flags[topic]
        try:
            async with asyncio.timeout(seconds):
                await flag.wait()
        except TimeoutError:
            return
        flag.clear()
