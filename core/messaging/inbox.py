"""Updates of Telegram, stored before they are acknowledged and worked off in order per chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from core.db import ReadSession, WriteSession, insert_into
from core.failpoints import failpoint_async
from core.messaging.due import has_come, moments
from core.messaging.vault import Vault
from core.models import InboxRow, InboxState
from core.rules.retries import after_inbox_failure
from core.wake import Topic

TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Incoming:
    """One update as it came from Telegram: its id, the chat it belongs to, its JSON."""

    update_id: int
    lane: str
    raw: bytes


@dataclass(frozen=True)
class Waiting:
    """An inbox row to work off."""

    bot_id: int
    update_id: int
    lane: str
    raw: bytes
    attempts: int
    first_failed_at: datetime | None


async def accept(
    session: WriteSession, updates: Sequence[Incoming], *, bot_id: int, vault: Vault, now: datetime
) -> None:
    """Store the updates; one that is known already (a replay, a second poller) changes nothing.

    Each comes behind what waits already in its chat, though another machine's clock, or this one before it was set
    back, has dated that later.
    """
    if not updates:
        return
    waiting = await session.execute(_newest(), {"lanes": sorted({item.lane for item in updates})})
    newest = {lane: at for lane, at in waiting if at >= now}
    rows = [
        {
            "bot_id": bot_id,
            "update_id": item.update_id,
            "lane": item.lane,
            "raw": vault.lock(item.raw),
            "state": InboxState.NEW,
            "attempts": 0,
            "received_at": newest[item.lane] + TICK if item.lane in newest else now,
            "due_at": now,
        }
        for item in updates
    ]
    await failpoint_async("ingest.before_insert")
    await session.execute(insert_into(session.dialect, InboxRow).on_conflict_do_nothing(), rows)
    await failpoint_async("ingest.after_insert")
    session.wake(Topic.INBOX)


@cache
def _newest() -> Select[str, datetime]:
    query = select(InboxRow.lane, func.max(InboxRow.received_at)).where(_is_new(InboxRow))
    return query.where(InboxRow.lane.in_(bindparam("lanes", expanding=True))).group_by(InboxRow.lane)


async def heads(session: ReadSession, *, now: datetime, limit: int, lock: bool = False) -> list[Waiting]:
    """The oldest open row of each chat that is due, oldest first; ``lock`` takes them for this transaction."""
    rows = await session.execute(_heads(session.dialect, lock), moments(now) | {"limit": limit})
    return [
        Waiting(bot_id, update_id, lane, raw or b"", attempts, first_failed_at)
        for bot_id, update_id, lane, raw, attempts, first_failed_at in rows
    ]


@cache
def _heads(dialect: str, lock: bool) -> Select[int, int, str, bytes | None, int, datetime | None]:
    """Put together once: doing it costs more than running it."""
    columns = (InboxRow.bot_id, InboxRow.update_id, InboxRow.lane, InboxRow.raw, InboxRow.attempts)
    query = (
        select(*columns, InboxRow.first_failed_at)
        .where(_is_new(InboxRow), has_come(InboxRow.due_at), _is_head(dialect))
        .order_by(InboxRow.received_at, InboxRow.update_id)
        .limit(bindparam("limit", type_=Integer()))
    )
    return query.with_for_update(skip_locked=True, of=InboxRow) if lock else query


def _is_new(row: type[InboxRow]) -> ColumnElement[bool]:
    """Written out in the statement, so that both databases see that it is what the partial index is for."""
    return row.state == bindparam(None, InboxState.NEW, literal_execute=True)


def _is_head(dialect: str) -> ColumnElement[bool]:
    """Nothing of the same chat waits before it.

    PostgreSQL takes few rows to be new and compared each with all others: a flood was quadratic. So it finds the
    heads first, by the index, and then those rows by their place in the table.
    """
    other = aliased(InboxRow, name="other")
    if dialect == "sqlite":
        comes_before = or_(
            other.received_at < InboxRow.received_at,
            and_(other.received_at == InboxRow.received_at, other.update_id < InboxRow.update_id),
        )
        before = select(other.update_id).where(other.lane == InboxRow.lane, _is_new(other), comes_before)
        return ~before.exists()
    heads: Select[*tuple[Any, ...]] = (
        select(literal_column("other.ctid"))
        .select_from(other)
        .where(_is_new(other))
        .ext(distinct_on(other.lane))
        .order_by(other.lane, other.received_at, other.update_id)
    )
    return literal_column("inbox.ctid") == any_(func.array(heads.scalar_subquery()))


async def finish(session: WriteSession, items: Sequence[Waiting]) -> None:
    """The updates have had their effect: keep the tombstones, forget what was said."""
    for bot_id in {item.bot_id for item in items}:
        ids = [item.update_id for item in items if item.bot_id == bot_id]
        await session.execute(_FINISH, {"bot": bot_id, "ids": ids})


_FINISH = (
    update(InboxRow)
    .where(InboxRow.bot_id == bindparam("bot"), InboxRow.update_id.in_(bindparam("ids", expanding=True)))
    .values(state=InboxState.DONE, raw=None, error=None)
    .execution_options(synchronize_session=False)
)


async def fail(session: WriteSession, item: Waiting, error: str, *, now: datetime) -> bool:
    """Note a failure; True when this was the last try and the chat goes on without the update."""
    following = after_inbox_failure(item.attempts + 1, item.first_failed_at or now, now)
    await session.execute(
        update(InboxRow)
        .where(_is(item))
        .values(
            attempts=item.attempts + 1,
            first_failed_at=item.first_failed_at or now,
            state=InboxState.DEAD if following.is_dead else InboxState.NEW,
            due_at=now + following.wait,
            error=error[:500],
        )
    )
    return following.is_dead


def _is(item: Waiting) -> ColumnElement[bool]:
    return (InboxRow.bot_id == item.bot_id) & (InboxRow.update_id == item.update_id)
