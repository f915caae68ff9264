"""Closes albums when they are due: sleeps until then, and is woken when another one begins to arrive."""

import asyncio
from datetime import timedelta

import structlog

from core.actions import albums
from core.clock import now
from core.db import Database
from core.messaging import letterhead
from core.messaging.due import ASTRAY
from core.render.office import Office
from core.rules.retries import backoff
from core.wake import Topic

log = structlog.get_logger(__name__)

# Another process may have begun an album and gone down: nobody rings for that one.
LONGEST_NAP = 5.0
SHORTEST_NAP = 0.05


class AlbumCloser:
    """The sweep over albums, part of the role that works off the inbox."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database, self._office = database, office
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                seconds = await self.close_due()
                failures = 0
            except Exception as error:
                failures += 1
                log.error("albums wait for the database", error=repr(error), failures=failures)
                seconds = backoff(failures).total_seconds()
            await self._database.wake.wait(Topic.ALBUMS, seconds=seconds)

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.ALBUMS])

    async def close_due(self) -> float:
        """Close what is due; the seconds until it is worth looking again."""
        async with self._database.read() as session:
            due = await albums.next_due(session)
        if due is not None and not timedelta() < due - now() < ASTRAY:
            async with self._database.write() as session:
                await albums.close_due(session, office=await letterhead.read(session, self._office))
                due = await albums.next_due(session)
        if due is None:
            return LONGEST_NAP
        return min(max((due - now()).total_seconds(), SHORTEST_NAP), LONGEST_NAP)
