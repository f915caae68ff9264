"""The loop behind what is drawn after a commit: look, draw, sleep until something is asked for."""

import asyncio
from abc import ABC, abstractmethod

import structlog

from core.db import Database
from core.rules.retries import backoff
from core.wake import Topic, comes

log = structlog.get_logger(__name__)


class Drawer(ABC):
    """Draws until it is told to stop; database or disk being away is waited for."""

    topic: Topic

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stopping = asyncio.Event()

    @abstractmethod
    async def draw_pending(self) -> int:
        """One look; how many files it drew. Raises what database and store raise."""

    async def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                drawn = await self.draw_pending()
                failures = 0
            except Exception as error:
                failures += 1
                log.error("what was drawn cannot be stored, it is tried again", error=repr(error), failures=failures)
                await comes(self._stopping, seconds=backoff(failures).total_seconds())
                continue
            if not drawn:
                await self._database.wake.wait(self.topic, seconds=1)

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([self.topic])
