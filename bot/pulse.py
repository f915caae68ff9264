"""Tells the database now and then which loops of this process still go round."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from core.actions import heartbeats
from core.db import Database
from core.models import Beat
from core.wake import comes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
REST = timedelta(seconds=10)

LastTime = Callable[[], datetime | None]


class Pulse:
    """The loops only remember when they last did their work: none of them writes for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._signs: dict[Beat, LastTime] = {}
        self._noted: dict[Beat, datetime] = {}
        self._stopping = asyncio.Event()

    def watch(self, signs: Mapping[Beat, LastTime]) -> None:
        """Note each beat whenever its moment has moved; a loop made anew takes the place of the one before."""
        self._signs |= signs

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.beat()
            except Exception as error:
                log.warning("signs of life could not be noted", error=repr(error))
            await comes(self._stopping, seconds=LOOK_SECONDS)

    def stop(self) -> None:
        self._stopping.set()

    async def beat(self) -> None:
        """Note all that has moved, if one of them is new or was noted ten seconds ago."""
        moments = {beat: moment for beat, last in self._signs.items() if (moment := last()) is not None}
        moved = {beat: moment for beat, moment in moments.items() if moment != self._noted.get(beat)}
        if not any(self._is_due(beat, moment) for beat, moment in moved.items()):
            return
        async with self._database.write() as session:
            for beat in sorted(moved):  # in one order everywhere, or two processes could wait for each other
                await heartbeats.note(session, beat, at=moved[beat])
        self._noted |= moved

    def _is_due(self, beat: Beat, moment: datetime) -> bool:
        # a clock that was set back must not silence a loop that goes round
        return beat not in self._noted or abs(moment - self._noted[beat]) >= REST
