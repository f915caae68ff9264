"""Which rows of the outbox may go now, most urgent first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, and_, any_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.db import Moment, ReadSession
from core.messaging.due import has_come, moments
from core.messaging.outbox import REPEATABLE
from core.models import OPEN_DELIVERIES, Channel, DeliveryState, OutboxRow, Report

T = TypeVar("T", bound=str)

LONG_AGO = datetime.min.replace(year=1970, tzinfo=UTC)


@dataclass(frozen=True)
class Due:
    """A row that may go now; what it says is read when it is claimed."""

    id: int
    channel: Channel
    lane: str
    method: str
    created_at: datetime
    released_at: datetime | None


def among(column: InstrumentedAttribute[T], values: Collection[T]) -> ColumnElement[bool]:
    """Written out in the statement, so that both databases see that it is what their partial index is for."""
    return column.in_(bindparam(None, sorted(values), expanding=True, literal_execute=True))


async def due(
    session: ReadSession,
    *,
    now: datetime,
    channels: Collection[Channel],
    limit: int,
    without_report: datetime | None = None,
) -> Sequence[Due]:
    """Rows that may go now, most urgent first: the head of each chat, and repeatable calls whose message exists.

    What waits for a report goes once that is drawn; rows older than ``without_report`` have waited enough.
    """
    values = {"channels": sorted(channels), "patience": without_report or LONG_AGO, "limit": limit}
    return [Due(*row) for row in await session.execute(_due(session.dialect), values | moments(now))]


@cache
def _due(dialect: str) -> Select[int, Channel, str, str, datetime, datetime | None]:
    """Put together once: doing it costs more than running it."""
    head = aliased(OutboxRow)
    heads = (
        select(func.min(head.id))
        .where(among(head.state, OPEN_DELIVERIES), ~among(head.method, REPEATABLE))
        .group_by(head.channel, head.lane)
    )
    any_time = aliased(OutboxRow)
    repeatable = select(any_time.id).where(among(any_time.state, OPEN_DELIVERIES), among(any_time.method, REPEATABLE))
    target = aliased(OutboxRow)
    has_message = select(target.id).where(target.id == OutboxRow.edits_id, target.provider_id.is_not(None)).exists()
    is_drawn = select(Report.id).where(Report.id == OutboxRow.report_id, Report.pdf_sha256.is_not(None)).exists()
    has_waited = OutboxRow.created_at < bindparam("patience", type_=Moment())
    return (
        select(
            OutboxRow.id,
            OutboxRow.channel,
            OutboxRow.lane,
            OutboxRow.method,
            OutboxRow.created_at,
            OutboxRow.released_at,
        )
        .where(
            _is_one_of(dialect, heads.union_all(repeatable)),
            OutboxRow.state == DeliveryState.QUEUED,
            has_come(OutboxRow.due_at),
            OutboxRow.channel.in_(bindparam("channels", expanding=True)),
            or_(OutboxRow.edits_id.is_(None), has_message),
            or_(~among(OutboxRow.method, REPEATABLE), ~_is_second_edit()),
            or_(OutboxRow.report_id.is_(None), is_drawn, has_waited),
        )
        .order_by(OutboxRow.urgency, OutboxRow.id)
        .limit(bindparam("limit", type_=Integer()))
    )


def _is_one_of(dialect: str, ids: CompoundSelect[int]) -> ColumnElement[bool]:
    """PostgreSQL takes few rows to be open and looked for all heads anew at each: a flood was quadratic."""
    if dialect == "sqlite":
        return OutboxRow.id.in_(ids)
    return OutboxRow.id == any_(func.array(ids.scalar_subquery()))


def _is_second_edit() -> ColumnElement[bool]:
    """An older edit of the same message is still on its way."""
    older = aliased(OutboxRow)
    same_row = older.edits_id == OutboxRow.edits_id
    # two quick taps on one list: the page tapped last must be the one that stays
    same_chat = and_(
        older.lane == OutboxRow.lane,
        older.method == "editMessageText",
        OutboxRow.method == "editMessageText",
        older.edits_id.is_(None),
        OutboxRow.edits_id.is_(None),
    )
    return (
        select(older.id)
        .where(or_(same_row, same_chat), older.id < OutboxRow.id, among(older.state, OPEN_DELIVERIES))
        .exists()
    )
