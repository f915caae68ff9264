"""Courtesy towards the channel: how many calls a second overall and to one chat."""

from datetime import datetime, timedelta

from core.rules.limits import TokenBucket
from core.rules.retries import FLOOD_WINDOW, is_flood

BACKWARD = timedelta(minutes=1)


class Limiter:
    """Buckets of one sender, in memory: Telegram's ``retry_after`` is the contract, this is manners."""

    def __init__(self, *, per_second: float, per_chat: float, burst: int) -> None:
        self._full = TokenBucket.per_second(per_second, burst=max(1, int(per_second / 5)))
        self._overall = self._full
        self._fresh = TokenBucket.per_second(per_chat, burst=burst)
        self._lanes: dict[str, TokenBucket] = {}
        self._pauses: dict[str, datetime] = {}
        self._refusals: list[tuple[str, datetime]] = []
        self._paused_until: datetime | None = None
        self._latest: datetime | None = None

    def wait_for(self, lane: str, moment: datetime, *, counts: bool) -> timedelta:
        """Zero: go ahead, a token is taken. Otherwise how long this chat has to wait."""
        self._mind_the_clock(moment)
        pause = self._pause_of(lane, moment)
        if pause or not counts:
            return pause
        overall, wait_overall = self._overall.take(moment)
        bucket, wait_lane = self._lanes.get(lane, self._fresh).take(moment)
        if wait_overall or wait_lane:
            return max(wait_overall, wait_lane)
        self._overall, self._lanes[lane] = overall, bucket
        return timedelta()

    def pause(self, lane: str, *, until: datetime, moment: datetime) -> None:
        """Telegram said retry_after: this chat waits; three chats within 10 s make everyone wait."""
        self._pauses[lane] = until
        recent = [(other, at) for other, at in self._refusals if moment - at <= FLOOD_WINDOW]
        self._refusals = [*recent, (lane, moment)]
        if is_flood(self._refusals, moment):
            # the long pause of a chat refused an hour ago is no business of the others
            self._paused_until = max(self._pauses[other] for other, _ in self._refusals if other in self._pauses)

    def forget_idle(self, moment: datetime) -> None:
        """Drop what no longer says anything, so that memory does not grow with every chat ever met."""
        self._pauses = {lane: end for lane, end in self._pauses.items() if end > moment}
        self._lanes = {
            lane: bucket for lane, bucket in self._lanes.items() if (bucket.spent_until or moment) > moment
        }

    def _mind_the_clock(self, moment: datetime) -> None:
        """Set back, it would make every wait last as much longer: better ask once too early."""
        if self._latest is not None and moment < self._latest - BACKWARD:
            self._overall, self._lanes = self._full, {}
            self._pauses, self._refusals, self._paused_until = {}, [], None
        self._latest = moment

    def _pause_of(self, lane: str, moment: datetime) -> timedelta:
        ends = [end for end in (self._pauses.get(lane), self._paused_until) if end is not None]
        return max((end - moment for end in ends if end > moment), default=timedelta())
