"""The sender's transactions: claim rows, note how each try ended, recover after a start."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import aliased

from core.db import ROW, ReadSession, WriteSession
from core.messaging.channel import DeliveryError
from core.messaging.due import FARTHEST, has_come
from core.messaging.outbox import REPEATABLE, cancel_edits, give_up, is_taken_back, say_anew
from core.messaging.ready import among
from core.models import (
    OPEN_DELIVERIES,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    OutboxRow,
    Person,
)
from core.rules import webhooks
from core.rules.retries import LONGEST_WAIT, Outcome, Verdict, after_failure

INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Result:
    """How one try ended: the provider's id, or the error."""

    row_id: int
    attempt_id: int
    at: datetime
    provider_id: str | None = None
    error: DeliveryError | None = None


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
    tried = await session.execute(
        select(DeliveryAttempt.outcome, DeliveryAttempt.started_at).where(DeliveryAttempt.id == result.attempt_id)
    )
    outcome, started_at = tried.one()
    if outcome is not None:
        return None
    error, back_at = result.error, row.released_at
    if error.outcome is Outcome.BAD_CHAT and back_at is not None and started_at < back_at <= result.at:
        error = DeliveryError(Outcome.NOT_SENT, error.detail)  # refused before the person was back
    await _after(session, row, error, result.at)
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
        ends=row.method in REPEATABLE,
        longest=webhooks.LONGEST_WAIT if row.channel is Channel.WEBHOOK else LONGEST_WAIT,
    )
    row.doubts += error.outcome is Outcome.DOUBTFUL and not is_repeatable
    row.content_retries += error.outcome is Outcome.BAD_CONTENT
    # a log-out may have cancelled the row while it was on its way
    if row.state is DeliveryState.SENDING:
        row.state = DeliveryState.CANCELLED if _is_missed_by_nobody(row, error) else DeliveryState(step.state)
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


def _is_missed_by_nobody(row: OutboxRow, error: DeliveryError) -> bool:
    """What a group is told is courtesy to strangers: where it may not be said, or perhaps was, nothing is left to do.

    Groups have negative numbers.
    """
    may_go_later = error.outcome in {Outcome.NOT_SENT, Outcome.REFUSED, Outcome.TOKEN}
    return row.channel is Channel.TELEGRAM and row.lane.startswith("-") and not may_go_later


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


async def refused(session: ReadSession, *, now: datetime) -> Sequence[tuple[str, datetime, datetime]]:
    """The chats whose ``retry_after`` is not over: each with when it was asked, the earliest first, and until when.

    A row of theirs knows it, an hour ahead at most.
    """
    tried = aliased(DeliveryAttempt)
    last = select(func.max(tried.id)).where(tried.outbox_id == OutboxRow.id).scalar_subquery()
    found = await session.execute(
        select(OutboxRow.lane, DeliveryAttempt.started_at, OutboxRow.due_at)
        .join(DeliveryAttempt, DeliveryAttempt.id == last)
        .where(
            among(OutboxRow.state, OPEN_DELIVERIES),
            OutboxRow.channel == Channel.TELEGRAM,
            ~has_come(OutboxRow.due_at, now),
            DeliveryAttempt.outcome == Outcome.REFUSED,
        )
        .order_by(DeliveryAttempt.started_at)
    )
    return [(lane, at, until) for lane, at, until in found]


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
