"""Outgoing webhooks: who listens, since when one fails, and what became of what was sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import OPEN_DELIVERIES, Channel, DeliveryAttempt, OutboxRow, Subscription

LOG_PAGE = 25

_IN_FORCE = (
    Subscription.removed_at.is_(None),
    Subscription.paused_at.is_(None),
    Subscription.failed_at.is_(None),
)


async def listening(session: ReadSession) -> Sequence[Subscription]:
    """Those that are told something now."""
    return (await session.scalars(_LISTENING)).all()


_LISTENING = select(Subscription).where(*_IN_FORCE).order_by(Subscription.id)  # asked for everything that happens


async def everyone(session: ReadSession) -> Sequence[Subscription]:
    """All that were not removed, the oldest first."""
    query = select(Subscription).where(Subscription.removed_at.is_(None)).order_by(Subscription.id)
    return (await session.scalars(query)).all()


async def by_id(session: ReadSession, number: int, *, lock: bool = False) -> Subscription:
    """Raises NotFoundError, for a removed one, too."""
    query = select(Subscription).where(Subscription.id == number, Subscription.removed_at.is_(None))
    query = query.with_for_update(of=Subscription) if lock else query.options(joinedload(Subscription.technician))
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFoundError
    return found


async def log(
    session: ReadSession, subscription: Subscription, *, below: int | None = None
) -> tuple[Sequence[OutboxRow], int | None]:
    """Its deliveries with their tries, newest first, and the id the next page begins below."""
    query = select(OutboxRow).where(OutboxRow.lane == subscription.lane, OutboxRow.channel == Channel.WEBHOOK)
    if below is not None:
        query = query.where(OutboxRow.id < below)
    query = query.options(selectinload(OutboxRow.tries)).order_by(OutboxRow.id.desc()).limit(LOG_PAGE + 1)
    found = (await session.scalars(query)).all()
    return found[:LOG_PAGE], found[LOG_PAGE - 1].id if len(found) > LOG_PAGE else None


async def latest(session: ReadSession, subscriptions: Sequence[Subscription]) -> Mapping[str, OutboxRow]:
    """The last delivery of each, by lane."""
    lanes = [subscription.lane for subscription in subscriptions]
    last = select(func.max(OutboxRow.id)).where(OutboxRow.lane.in_(lanes)).group_by(OutboxRow.lane)
    return {row.lane: row for row in await session.scalars(select(OutboxRow).where(OutboxRow.id.in_(last)))}


async def failing_since(session: ReadSession) -> Mapping[int, datetime]:
    """Subscription → since when what is first in its row is tried in vain."""
    found = await listening(session)
    if not found:
        return {}
    heads = (
        select(func.min(OutboxRow.id))
        .where(OutboxRow.state.in_(OPEN_DELIVERIES), OutboxRow.channel == Channel.WEBHOOK)
        .group_by(OutboxRow.lane)
    )
    rows = await session.execute(
        select(OutboxRow.lane, func.min(DeliveryAttempt.started_at))
        .join(DeliveryAttempt, DeliveryAttempt.outbox_id == OutboxRow.id)
        .where(OutboxRow.id.in_(heads), DeliveryAttempt.outcome.is_not(None))
        .group_by(OutboxRow.lane)
    )
    tried: dict[str, datetime] = {lane: at for lane, at in rows}  # noqa: C416 - a result is no pairs
    return {one.id: max(one.active_since, tried[one.lane]) for one in found if one.lane in tried}
