"""The sender's transactions: claim rows, note how each try ended, recover after a start."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.db import ROW, Moment, ReadSession, WriteSession
from core.messaging.channel import DeliveryError
from core.messaging.due import FARTHEST, has_come, moments
from core.messaging.outbox import REPEATABLE, cancel_edits, give_up, is_taken_back, say_anew
from core.models import (
    OPEN_DELIVERIES,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    OutboxRow,
    Person,
    Report,
)
from core.rules import webhooks
from core.rules.retries import LONGEST_WAIT, Outcome, Verdict, after_failure

T = TypeVar("T", bound=str)

INTERRUPTED = "interrupted"
LONG_AGO = datetime.min.replace(year=1970, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """How one try ended: the provider's id, or the error."""

    row_id: int
    attempt_id: int
    at: datetime
    provider_id: str | None = None
    error: DeliveryError | None = None


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
    return [Due(*row) for row in await session.execute(_due(), values | moments(now))]


@cache
def _due() -> Select[int, Channel, str, str, datetime, datetime | None]:
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
            OutboxRow.id.in_(heads.union_all(repeatable)),
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


async def claim(session: WriteSession, ids: Sequence[int], *, now: datetime) -> list[tuple[OutboxRow, int]]:
    """Mark rows as on their way and note the try: pairs of row and attempt id. Commit before sending."""
    if not ids:
        return []
    # a row somebody is changing just now is left for the next turn: two who wait for each other help nobody
    free = (
        select(OutboxRow.id)
        .where(OutboxRow.id.in_(ids), OutboxRow.state == DeliveryState.QUEUED)
        .order_by(OutboxRow.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    rows = await session.scalars(
        update(OutboxRow)
        .where(OutboxRow.id.in_(free))
        .values(state=DeliveryState.SENDING, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    claimed = sorted(rows, key=lambda row: ids.index(row.id))
    if not claimed:
        return []
    attempts = await session.execute(
        insert(DeliveryAttempt).returning(DeliveryAttempt.outbox_id, DeliveryAttempt.id),
        [{"outbox_id": row.id, "started_at": now} for row in claimed],
    )
    attempt_of = {outbox_id: attempt_id for outbox_id, attempt_id in attempts}  # noqa: C416 - a result is no pairs
    return [(row, attempt_of[row.id]) for row in claimed]


async def targets(session: ReadSession, rows: Collection[OutboxRow]) -> dict[int, str]:
    """The provider's ids of the messages that rows edit: outbox id → provider id."""
    wanted = {row.edits_id for row in rows if row.edits_id}
    if not wanted:
        return {}
    found = await session.execute(
        select(OutboxRow.id, OutboxRow.provider_id).where(
            OutboxRow.id.in_(wanted), OutboxRow.provider_id.is_not(None)
        )
    )
    return {row_id: provider_id for row_id, provider_id in found if provider_id}


async def settle(session: WriteSession, results: Collection[Result]) -> list[OutboxRow]:
    """Write down how tries ended and what follows; the rows of those that failed."""
    if not results:
        return []
    failed = [row for result in results if (row := await _settle_failure(session, result)) is not None]
    sent = [
        {
            "id": result.row_id,
            "state": DeliveryState.SENT,
            "sent_at": result.at,
            "provider_id": result.provider_id,
            "error": None,
        }
        for result in sorted(results, key=lambda result: result.row_id)
        if result.error is None
    ]
    if sent:
        await session.execute(update(OutboxRow), sent)
    await session.execute(
        update(DeliveryAttempt),
        [
            {
                "id": result.attempt_id,
                "outcome": result.error.outcome if result.error else "sent",
                "detail": result.error.detail[:500] if result.error else None,
            }
            for result in results
        ],
    )
    return failed


async def _settle_failure(session: WriteSession, result: Result) -> OutboxRow | None:
    """None for a success, and for what is known already: the commit that told it may have lost only its answer."""
    if result.error is None:
        return None
    row = await session.get_one(OutboxRow, result.row_id, with_for_update=ROW, populate_existing=True)
    tried = select(DeliveryAttempt.outcome).where(DeliveryAttempt.id == result.attempt_id)
    if await session.scalar(tried) is not None:
        return None
    await _after(session, row, result.error, result.at)
    return row


async def _after(session: WriteSession, row: OutboxRow, error: DeliveryError, at: datetime) -> None:
    # a program tells a repetition by its id
    is_repeatable = row.method in REPEATABLE or row.channel is Channel.WEBHOOK
    step = after_failure(
        error.outcome,
        doubts=row.doubts,
        content_retries=row.content_retries,
        retry_after=error.retry_after,
        attempts=row.attempts,
        idempotent=is_repeatable,
        longest=webhooks.LONGEST_WAIT if row.channel is Channel.WEBHOOK else LONGEST_WAIT,
    )
    row.doubts += error.outcome is Outcome.DOUBTFUL and not is_repeatable
    row.content_retries += error.outcome is Outcome.BAD_CONTENT
    # a log-out may have cancelled the row while it was on its way
    if row.state is DeliveryState.SENDING:
        row.state = DeliveryState(step.state)
    row.due_at = at + min(step.wait, FARTHEST)
    row.error = error.detail[:500]
    if row.state is DeliveryState.QUEUED and await is_taken_back(session, row.id):
        give_up(row)  # another try would ring with words that are to be deleted
    if step.state is Verdict.UNCERTAIN and row.state is DeliveryState.UNCERTAIN:
        await say_anew(session, row.id)
    if row.state is not DeliveryState.QUEUED:
        await cancel_edits(session, row.id)
    if error.outcome is Outcome.BAD_CHAT and row.channel is Channel.TELEGRAM:
        await park_lane(session, row.lane, at=at)


async def park_lane(session: WriteSession, lane: str, *, at: datetime) -> None:
    """The chat cannot be reached: what waits for it is parked, and the person is known to be away."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.lane == lane, OutboxRow.channel == Channel.TELEGRAM, OutboxRow.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.PARKED)
    )
    if lane.lstrip("-").isdigit():
        await session.execute(update(Person).where(Person.telegram_id == int(lane)).values(blocked_at=at))


async def has_strays(session: ReadSession, *, flying: Collection[int]) -> bool:
    """Whether rows are on their way that are none of those in ``flying``."""
    sending = (among(OutboxRow.state, OPEN_DELIVERIES), OutboxRow.state == DeliveryState.SENDING)
    return bool(await session.scalar(select(exists().where(*sending, OutboxRow.id.not_in(flying)))))


async def recover(session: WriteSession, *, now: datetime, flying: Collection[int] = ()) -> set[Channel]:
    """Rows found on their way, except those that are, count as one doubt each. Returns their channels.

    What a log-out has cancelled on its way is no row to go on with, but how its try ended is not known either.
    """
    sending = select(OutboxRow).where(OutboxRow.state == DeliveryState.SENDING, OutboxRow.id.not_in(flying))
    rows = (await session.scalars(sending.with_for_update(key_share=True))).all()
    await session.execute(
        update(DeliveryAttempt)
        .where(DeliveryAttempt.outcome.is_(None), DeliveryAttempt.outbox_id.not_in(flying))
        .values(outcome=Outcome.DOUBTFUL, detail=INTERRUPTED)
    )
    never_came = select(OutboxRow.id).where(
        OutboxRow.state == DeliveryState.CANCELLED, OutboxRow.provider_id.is_(None), OutboxRow.id.not_in(flying)
    )
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.state == DeliveryState.QUEUED, OutboxRow.edits_id.in_(never_came))
        .values(state=DeliveryState.CANCELLED)
    )
    for row in rows:
        await _after(session, row, DeliveryError(Outcome.DOUBTFUL, INTERRUPTED), now)
        row.due_at = now
    return {row.channel for row in rows}
