"""The facts about the desk itself: signs of life, what waits and since when, disk."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from core.clock import now
from core.db import ReadSession
from core.messaging.outbox import REPEATABLE
from core.models import (
    TROUBLED_DELIVERIES,
    Album,
    Beat,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    Heartbeat,
    InboxRow,
    InboxState,
    OutboxRow,
    Subscription,
)
from core.queries import subscriptions
from core.queries.heartbeats import heartbeats
from core.rules.alarms import Facts
from core.rules.retries import Outcome

FRESH = timedelta(minutes=5)
TOLD = (Outcome.REFUSED, Outcome.BAD_CHAT)  # the other side says when, or that there is no chat
ROLES = {"work": Beat.WORKER, "send": Beat.SENDER, "tick": Beat.TICK}


@dataclass(frozen=True)
class Watched:
    """What there is to watch on this desk; ``has_backups``: the clock is to make some."""

    data_dir: Path
    is_polling: bool = True
    has_backups: bool = False
    started_at: datetime = field(default_factory=now)


async def facts(session: ReadSession, watched: Watched, *, moment: datetime) -> Facts:
    """How the desk is now. Rows count as waiting only when they could go and nothing explains that they do not."""
    beats = await heartbeats(session)
    pending = _fresh(beats, Beat.TELEGRAM, moment)
    jump = beats[Beat.CLOCK_JUMP].detail if Beat.CLOCK_JUMP in beats else {}
    dead, dead_since = await _count(session, InboxRow.received_at, one_of(InboxRow.state, InboxState.DEAD))
    lost = one_of(OutboxRow.state, DeliveryState.DEAD, DeliveryState.UNCERTAIN)
    in_trouble = (is_troubled(), lost, _matters())
    troubled, troubled_since = await _count(session, OutboxRow.created_at, *in_trouble)
    return Facts(
        started_at=_began(watched.started_at, _at(beats, Beat.CLOCK_JUMP), moment),
        polled_at=_at(beats, Beat.POLLED if watched.is_polling else Beat.TELEGRAM),
        conflict_at=_at(beats, Beat.POLL_CONFLICT),
        refused_at=_at(beats, Beat.TOKEN_REFUSED),
        roles={role: _at(beats, beat) for role, beat in ROLES.items()},
        pending=int(pending.get("pending", 0)),
        pending_since=datetime.fromisoformat(pending["since"]) if pending.get("since") else None,
        inbox_since=await _oldest_update(session, moment),
        inbox_dead=dead,
        inbox_dead_since=dead_since,
        album_since=await _oldest_album(session),
        outbox_since=await _oldest_row(session, Channel.TELEGRAM, moment),
        mail_since=await _oldest_mail(session),
        webhook_since=min((await subscriptions.failing_since(session)).values(), default=None),
        webhook_off_since=await _turned_off(session),
        troubled=troubled,
        troubled_since=troubled_since,
        disk_free=_free(watched.data_dir),
        backup_at=_at(beats, Beat.BACKUP),
        has_backups=watched.has_backups,
        jump_at=_at(beats, Beat.CLOCK_JUMP),
        jump_seconds=int(jump.get("seconds", 0)),
    )


def is_open(row: Any = OutboxRow) -> ColumnElement[bool]:
    """Still on its way; the order is that of the partial index."""
    return one_of(row.state, DeliveryState.QUEUED, DeliveryState.SENDING)


def is_troubled() -> ColumnElement[bool]:
    """Somebody may have to look at it; the order is that of the partial index."""
    return one_of(OutboxRow.state, *TROUBLED_DELIVERIES)


def one_of(column: Any, *values: Any) -> ColumnElement[bool]:
    """Written out, not as parameters: only then does SQLite see that its partial index fits."""
    if len(values) == 1:
        condition: ColumnElement[bool] = column == bindparam(None, values[0], literal_execute=True)
        return condition
    among: ColumnElement[bool] = column.in_(bindparam(None, values, expanding=True, literal_execute=True))
    return among


def _matters() -> ColumnElement[bool]:
    """Whether somebody misses it: not so an edit or a callback answer that came too late."""
    return OutboxRow.method.not_in(REPEATABLE)


def _at(beats: Mapping[str, Heartbeat], beat: Beat) -> datetime | None:
    return beats[beat].at if beat in beats else None


def _fresh(beats: Mapping[str, Heartbeat], beat: Beat, moment: datetime) -> Mapping[str, Any]:
    """The detail of a beat of these minutes."""
    return beats[beat].detail if beat in beats and moment - beats[beat].at < FRESH else {}


def _began(started_at: datetime, jump_at: datetime | None, moment: datetime) -> datetime:
    """Since when silence means something: a clock that jumped makes everybody look silent."""
    return max((at for at in (started_at, jump_at) if at is not None and at <= moment), default=moment)


async def _count(session: ReadSession, since: Any, *conditions: ColumnElement[bool]) -> tuple[int, datetime | None]:
    number, oldest = (await session.execute(select(func.count(), func.min(since)).where(*conditions))).one()
    return number, oldest


async def _oldest_update(session: ReadSession, moment: datetime) -> datetime | None:
    oldest: datetime | None = await session.scalar(
        select(func.min(InboxRow.received_at)).where(
            one_of(InboxRow.state, InboxState.NEW), InboxRow.due_at <= moment
        )
    )
    return oldest


async def _oldest_album(session: ReadSession) -> datetime | None:
    """Since when the album that waits longest arrives; those in drafts wait for their customer."""
    oldest: datetime | None = await session.scalar(
        select(func.min(Album.first_at)).where(Album.closed_at.is_(None), Album.due_at.is_not(None))
    )
    return oldest


async def _oldest_row(session: ReadSession, channel: Channel, moment: datetime) -> datetime | None:
    """Since when the row that waits longest could have gone, or is tried in vain, however soon it is tried again.

    Behind a chat that was told to wait is no delay.
    """
    head = aliased(OutboxRow)
    told_to_wait = select(head.lane).where(
        is_open(head),
        head.channel == channel,
        head.due_at > moment,
        or_(head.attempts == 0, _last_outcome(head).in_(TOLD)),
    )
    since = case((OutboxRow.attempts == 0, OutboxRow.due_at), else_=func.coalesce(_tried_since(), OutboxRow.due_at))
    oldest: datetime | None = await session.scalar(
        select(func.min(since)).where(is_open(), OutboxRow.channel == channel, OutboxRow.lane.not_in(told_to_wait))
    )
    return oldest


def _last_outcome(row: type[OutboxRow]) -> ScalarSelect[str | None]:
    attempt = aliased(DeliveryAttempt)
    ended = select(attempt.outcome).where(attempt.outbox_id == row.id, attempt.outcome.is_not(None))
    return ended.order_by(attempt.id.desc()).limit(1).scalar_subquery()


def _tried_since() -> ScalarSelect[datetime]:
    """The first of the tries in vain: after the other side told the row to wait, after a person let it go again."""
    attempt, told = aliased(DeliveryAttempt), aliased(DeliveryAttempt)
    last_told = select(func.max(told.id)).where(told.outbox_id == OutboxRow.id, told.outcome.in_(TOLD))
    return (
        select(func.min(attempt.started_at))
        .where(
            attempt.outbox_id == OutboxRow.id,
            attempt.id > func.coalesce(last_told.correlate(OutboxRow).scalar_subquery(), 0),
        )
        .where(attempt.started_at >= func.coalesce(OutboxRow.released_at, OutboxRow.created_at))
        .scalar_subquery()
    )


async def _oldest_mail(session: ReadSession) -> datetime | None:
    """The mail that was tried in vain, or should have been, and still waits."""
    oldest: datetime | None = await session.scalar(
        select(func.min(OutboxRow.created_at)).where(is_open(), OutboxRow.channel == Channel.EMAIL)
    )
    return oldest


async def _turned_off(session: ReadSession) -> datetime | None:
    """Since when a webhook is off that nobody has looked at."""
    oldest: datetime | None = await session.scalar(
        select(func.min(Subscription.failed_at)).where(Subscription.removed_at.is_(None))
    )
    return oldest


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
