"""What is held and shown instead of sent: there is no such channel, or it has waited too long to go unseen."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from core.db import ReadSession, WriteSession
from core.messaging.ready import Due, among
from core.models import OPEN_DELIVERIES, Channel, DeliveryState, OutboxRow
from core.render.troubles import NO_CHANNEL, TOO_OLD
from core.rules.retries import MAIL_LASTS


async def waits_for(session: ReadSession, channels: Collection[Channel]) -> bool:
    """Whether something is queued for one of these channels."""
    query = select(OutboxRow.id).where(*_queued(channels))
    return await session.scalar(query.limit(1)) is not None


async def hold(session: WriteSession, channels: Collection[Channel]) -> None:
    """No such channel is configured: its rows are held and shown, not forgotten."""
    if not channels:
        return
    await session.execute(
        update(OutboxRow).where(*_queued(channels)).values(state=DeliveryState.HELD, error=NO_CHANNEL)
    )


def is_stale(row: Due, moment: datetime) -> bool:
    """Mail of yesterday goes when a person has looked whether it still should."""
    return row.channel is Channel.EMAIL and moment - (row.released_at or row.created_at) > MAIL_LASTS


async def hold_stale(session: WriteSession, ids: Collection[int]) -> None:
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), OutboxRow.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.HELD, error=TOO_OLD)
    )


def _queued(channels: Collection[Channel]) -> tuple[ColumnElement[bool], ...]:
    """The first condition is that of the index, the last one what is meant."""
    is_of = OutboxRow.channel.in_(channels)
    return among(OutboxRow.state, OPEN_DELIVERIES), is_of, OutboxRow.state == DeliveryState.QUEUED
