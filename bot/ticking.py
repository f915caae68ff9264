"""Keeps the clock's jobs going when the machine's clock is set back."""

import asyncio
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.clock import now
from core.wake import comes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
SLACK = timedelta(seconds=5)


class Nudge:
    """The scheduler would sleep until the wall clock says again what it said: this one looks by steady time."""

    def __init__(self, scheduler: AsyncIOScheduler) -> None:
        self._scheduler = scheduler
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        while not self._stopping.is_set():
            self._nudge()
            await comes(self._stopping, seconds=LOOK_SECONDS)

    def stop(self) -> None:
        self._stopping.set()

    def _nudge(self) -> None:
        """Let every job run now whose turn is farther away than it ever is."""
        moment, jobs = now(), self._scheduler.get_jobs()
        late = [job for job in jobs if job.next_run_time - moment > job.trigger.interval + SLACK]
        for job in late:
            job.modify(next_run_time=moment)
        if late:
            log.warning("the clock was set back, the jobs go on", jobs=[job.id for job in late])
