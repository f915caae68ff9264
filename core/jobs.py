"""The clock's table: sweeps over due columns, each a transaction of its own, and chores that need none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete, update

from core.actions import (
    alarms,
    alerts,
    appointments,
    codes,
    company_record,
    hours,
    imports,
    presence,
    requests,
    returns,
    searches,
    subscriptions,
    uploads,
)
from core.backup.keeping import keep_up
from core.clock import now
from core.db import Database, ReadSession, WriteSession, is_passing
from core.models import Alarm, IdempotentAnswer, InboxRow, InboxState, LoginFailure, StaffLoginFailure, StaffSession
from core.queries.health import Watched
from core.render.office import Office
from core.settings import Settings

log = structlog.get_logger(__name__)

TOMBSTONES_LIVE = timedelta(days=30)
WORDS_LIVE = timedelta(days=7)
SESSIONS_LIVE = timedelta(days=30)
FAILURES_LIVE = timedelta(days=30)
ANSWERS_LIVE = timedelta(hours=24)
ALARMS_LIVE = timedelta(days=90)


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


@dataclass(frozen=True)
class Slices:
    """Long work in slices of one transaction each, until a step finds nothing to do; a kill loses no slice."""

    is_due: Callable[[ReadSession], Awaitable[bool]]
    step: Callable[[WriteSession], Awaitable[bool]]


SLICED: tuple[Slices, ...] = (
    Slices(company_record.is_due, company_record.renew_some),
    Slices(imports.is_due, imports.register_some),
)


async def work_off(database: Database, _settings: Settings | None = None) -> None:
    """Everything that is cut into slices. What has nothing to do is asked without taking the writer."""
    for sliced in SLICED:
        async with database.read() as session:
            goes_on = await sliced.is_due(session)
        while goes_on:
            async with database.write() as session:
                goes_on = await sliced.step(session)


async def prune(session: WriteSession) -> None:
    """Forget what has had its time: tombstones of updates, sessions, failed log-ins, idempotent answers, alarms."""
    moment = now()
    await session.execute(
        delete(InboxRow).where(InboxRow.state == InboxState.DONE, InboxRow.received_at < moment - TOMBSTONES_LIVE)
    )
    # a lost update stays until somebody deals with it, what was said in it does not
    await session.execute(
        update(InboxRow)
        .where(InboxRow.state == InboxState.DEAD, InboxRow.received_at < moment - WORDS_LIVE)
        .values(raw=None)
    )
    await session.execute(delete(StaffSession).where(StaffSession.seen_at < moment - SESSIONS_LIVE))
    await session.execute(delete(LoginFailure).where(LoginFailure.at < moment - FAILURES_LIVE))
    await session.execute(delete(StaffLoginFailure).where(StaffLoginFailure.at < moment - FAILURES_LIVE))
    await session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < moment - ANSWERS_LIVE))
    await presence.forget(session, moment=moment)
    await session.execute(delete(Alarm).where(Alarm.closed_at < moment - ALARMS_LIVE))


JOBS: tuple[Job | Chore, ...] = (
    Job("prune", timedelta(hours=1), prune),
    Job("forget searches", timedelta(hours=6), searches.forget_old),
    Job("forget lists of companies", timedelta(hours=6), imports.forget_old),
    Job("end uploads", timedelta(minutes=10), uploads.end_expired),
    Job("end codes", timedelta(minutes=5), codes.end_expired),
    Chore("slices", timedelta(seconds=2), work_off),
    Job("turn off webhooks", timedelta(minutes=10), subscriptions.turn_off_failing),
    Chore("backup", timedelta(minutes=5), keep_up),
)


def watch(watched: Watched, staff: alarms.Staff) -> Job:
    """The sweep that raises and ends alarms of this desk."""
    return Job("alarms", timedelta(seconds=30), partial(alarms.sweep, watched=watched, staff=staff))


def returns_of(office: Office) -> Job:
    """The sweep that finds who can be reached again."""
    return Job("returns", timedelta(minutes=1), partial(returns.notice_returned, office=office))


def reminders_of(office: Office) -> Job:
    """The sweep that says requests again that have no answer."""
    return Job("request reminders", timedelta(minutes=1), partial(requests.remind_due, office=office))


def hours_of(office: Office) -> Job:
    """The sweep that takes out purchased hours whose date has passed, and tells of it."""
    return Job("purchased hours", timedelta(minutes=30), partial(hours.keep, office=office))


def alerts_of(office: Office) -> Job:
    """The sweep that tells technicians of reminders that are due."""
    return Job("reminders to technicians", timedelta(minutes=1), partial(alerts.remind_due, office=office))


def calls_of(office: Office) -> Job:
    """The sweep that tells technicians of calls they have agreed to."""
    return Job("calls agreed", timedelta(minutes=1), partial(appointments.remind_due, office=office))


async def run(database: Database, settings: Settings, job: Job | Chore) -> None:
    """One turn. A database that is away needs one line in the log, and the next turn comes anyway."""
    try:
        if isinstance(job, Chore):
            await job.work(database, settings)
            return
        async with database.write() as session:
            await job.sweep(session)
    except Exception as error:
        if not is_passing(error):
            raise
        log.warning("a job waits for the database", job=job.name, error=repr(error))
