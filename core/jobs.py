"""The clock's table: sweeps over due columns, each a transaction of its own, and chores that need none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from core.actions import uploads
from core.backup.keeping import keep_up
from core.clock import now
from core.db import Database, WriteSession
from core.models import IdempotentAnswer, InboxRow, InboxState, LoginFailure, StaffLoginFailure, StaffSession
from core.settings import Settings

TOMBSTONES_LIVE = timedelta(days=30)
SESSIONS_LIVE = timedelta(days=30)
FAILURES_LIVE = timedelta(days=30)
ANSWERS_LIVE = timedelta(hours=24)


@dataclass(frozen=True)
class Job:
    """A sweep and how often it runs."""

    name: str
    every: timedelta
    sweep: Callable[[WriteSession], Awaitable[None]]


@dataclass(frozen=True)
class Chore:
    """Long work outside any transaction, and how often the clock asks for it; it decides itself what is due."""

    name: str
    every: timedelta
    work: Callable[[Database, Settings], Awaitable[None]]


async def prune(session: WriteSession) -> None:
    """Forget what has had its time: tombstones of updates, old sessions, failed log-ins, idempotent answers."""
    moment = now()
    await session.execute(
        delete(InboxRow).where(InboxRow.state == InboxState.DONE, InboxRow.received_at < moment - TOMBSTONES_LIVE)
    )
    await session.execute(delete(StaffSession).where(StaffSession.seen_at < moment - SESSIONS_LIVE))
    await session.execute(delete(LoginFailure).where(LoginFailure.at < moment - FAILURES_LIVE))
    await session.execute(delete(StaffLoginFailure).where(StaffLoginFailure.at < moment - FAILURES_LIVE))
    await session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < moment - ANSWERS_LIVE))


JOBS: tuple[Job | Chore, ...] = (
    Job("prune", timedelta(hours=1), prune),
    Job("end uploads", timedelta(minutes=10), uploads.end_expired),
    Chore("backup", timedelta(minutes=5), keep_up),
)


async def run(database: Database, settings: Settings, job: Job | Chore) -> None:
    if isinstance(job, Chore):
        await job.work(database, settings)
        return
    async with database.write() as session:
        await job.sweep(session)
