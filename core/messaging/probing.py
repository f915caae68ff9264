"""A channel that failed is first asked whether it answers, beside the sender's loop: an outage drains nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

import structlog

from core.clock import now
from core.messaging.channel import DeliveryChannel, DeliveryError
from core.models import Channel
from core.rules.retries import LONGEST_WAIT, TOKEN_WAIT, Outcome, backoff

log = structlog.get_logger(__name__)

Beside = Callable[[Coroutine[Any, Any, DeliveryError | None]], asyncio.Task[DeliveryError | None]]


class Suspicion:
    """Which channels are not trusted at the moment. ``beside`` starts a task after which the sender looks again."""

    def __init__(self, channels: Mapping[Channel, DeliveryChannel], *, beside: Beside) -> None:
        self._channels, self._beside = channels, beside
        self._failures: dict[Channel, int] = {}
        self._probe_at: dict[Channel, datetime] = {}
        self._probes: dict[Channel, asyncio.Task[DeliveryError | None]] = {}

    @property
    def tasks(self) -> list[asyncio.Task[DeliveryError | None]]:
        return list(self._probes.values())

    def suspect(self, channel: Channel, *, probe_at: datetime) -> None:
        if channel in self._channels:
            self._failures.setdefault(channel, 0)
            self._probe_at[channel] = probe_at

    def answering(self, moment: datetime) -> list[Channel]:
        """The channels that may be used now; the others are asked when it is time."""
        return [channel for channel in self._channels if self._is_answering(channel, moment)]

    def _is_answering(self, channel: Channel, moment: datetime) -> bool:
        if channel not in self._failures:
            return True
        probe = self._probes.get(channel)
        # not this long: the clock was set back since
        is_time = not moment < self._probe_at[channel] <= moment + LONGEST_WAIT
        if probe is None and is_time:
            self._probes[channel] = self._beside(self._probe(channel))
        if probe is None or not probe.done():
            return False
        del self._probes[channel]
        error = probe.result()
        if error is not None:
            self._failures[channel] += 1
            pause = TOKEN_WAIT if error.outcome is Outcome.TOKEN else backoff(self._failures[channel])
            self._probe_at[channel] = now() + pause
            log.warning("a channel does not answer", channel=channel, outcome=error.outcome, again_in=str(pause))
            return False
        del self._failures[channel], self._probe_at[channel]
        return True

    async def _probe(self, channel: Channel) -> DeliveryError | None:
        try:
            await self._channels[channel].probe()
        except DeliveryError as error:
            return error
        except Exception as error:
            log.exception("a channel could not be asked", channel=channel)
            return DeliveryError(Outcome.NOT_SENT, repr(error))
        return None
