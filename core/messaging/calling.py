"""One call of a channel: what it is given of a row that was claimed, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.clock import now
from core.failpoints import failpoint_async
from core.messaging.channel import Delivery, DeliveryChannel, DeliveryError
from core.messaging.deliveries import Result
from core.models import OutboxRow
from core.rules.retries import Outcome

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claimed:
    """Rows that go now, each with its try; what they edit, and how a second copy is marked."""

    rows: Sequence[tuple[OutboxRow, int]]
    targets: Mapping[int, str]
    marks: Mapping[int, str]


def delivery_of(row: OutboxRow, claimed: Claimed) -> Delivery:
    """The row as its channel takes it, free of the session it was read in."""
    return Delivery(
        id=row.id,
        lane=row.lane,
        method=row.method,
        payload=row.payload,
        created_at=row.created_at,
        edits=claimed.targets.get(row.edits_id or 0),
        repetition=claimed.marks.get(row.id, ""),
        as_plain=row.content_retries > 0,
    )


async def call(channel: DeliveryChannel, delivery: Delivery, attempt_id: int) -> Result:
    """Never raises: what a channel does not know of itself is a doubt, for the call may have been made."""
    try:
        provider_id = await channel.send(delivery)
        await failpoint_async("send.after_response")
    except DeliveryError as error:
        return Result(delivery.id, attempt_id, now(), error=error)
    except Exception as error:
        log.exception("a channel failed in a way it does not know", row=delivery.id)
        unknown = DeliveryError(Outcome.DOUBTFUL, repr(error))  # perhaps after the call was made
        return Result(delivery.id, attempt_id, now(), error=unknown)
    return Result(delivery.id, attempt_id, now(), provider_id=provider_id)
