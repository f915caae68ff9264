"""The queue of updates: ids, confirmation by offset, expiry, and who is polling."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from bot.simulator.changes import Feed, Signal
from bot.simulator.store import Store

LIFETIME_SECONDS = 24 * 3600
MAX_QUEUED = 100_000
FIRST_IDS = (100_000_000, 900_000_000)
# Telegram forgives an offset a little beyond the newest update; one further ahead restarts at the head.
OFFSET_SLACK = 10
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class Pending:
    """An update that waits for its confirmation; `date` decides when it expires."""

    update: dict[str, Any]
    date: float
    lane: int | None

    @property
    def id(self) -> int:
        return int(self.update["update_id"])

    @property
    def message_id(self) -> int | None:
        """Of the message in it; None for any other kind, also a malformed one."""
        message = self.update.get("message")
        return message.get("message_id") if isinstance(message, dict) else None

    def as_row(self) -> dict[str, Any]:
        return {"update": self.update, "date": self.date, "lane": self.lane}


class UpdateQueue:
    def __init__(self, store: Store, feed: Feed, rng: random.Random, now: Callable[[], float]) -> None:
        self._store = store
        self._feed = feed
        self._now = now
        self._pending: dict[int, Pending] = {}
        self._lanes: dict[int | None, dict[int, Pending]] = {}
        self.next_id = rng.randint(*FIRST_IDS)
        self._ids_fell = False
        self.allowed: list[str] = []
        self.arrived = Signal()
        self.emptied = Signal()
        self.polled = Signal()
        self._poll: asyncio.Future[None] | None = None
        self.last_poll: tuple[int, float] = (-1, 0.0)

    def load(self, *, jump: int) -> None:
        meta = dict(self._store.load("queue"))
        for _, row in sorted(self._store.load("update"), key=lambda item: int(item[0])):
            self._place(Pending(**row))
        if "state" in meta:
            self.next_id = meta["state"]["next_id"] + jump
            self.allowed = meta["state"]["allowed"]

    def _place(self, pending: Pending) -> None:
        self._pending[pending.id] = pending
        self._lanes.setdefault(pending.lane, {})[pending.id] = pending

    def remember(self) -> None:
        self._store.mark("queue", "state", lambda: {"next_id": self.next_id, "allowed": self.allowed})

    def allows(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def push(self, content: dict[str, Any], *, lane: int | None, date: float | None = None) -> int | None:
        """Queue one update; None when the bot did not ask for its kind or the queue is full."""
        kind = next(iter(content), "")
        if not self.allows(kind) or len(self._pending) >= MAX_QUEUED:
            return None
        return self.inject(content, lane=lane, date=date)

    def inject(self, content: dict[str, Any], *, lane: int | None, date: float | None = None) -> int:
        """Queue whatever it is, unknown or malformed kinds too."""
        update_id, self.next_id = self.next_id, self.next_id + 1
        pending = Pending({"update_id": update_id, **content}, self._now() if date is None else date, lane)
        self._place(pending)
        self._store.mark("update", str(update_id), pending.as_row)
        self.remember()
        self.arrived.fire()
        return update_id

    def pending(self) -> list[Pending]:
        self._expire()
        return list(self._pending.values())

    def __len__(self) -> int:
        return len(self._pending)

    def drop(self, update_id: int) -> None:
        pending = self._pending.pop(update_id, None)
        if pending is not None:
            lane = self._lanes[pending.lane]
            del lane[update_id]
            if not lane:
                del self._lanes[pending.lane]
            self._store.forget("update", str(update_id))
            if not self._pending:
                self._ids_fell = False
                self.emptied.fire()

    def collected(self, update_id: int) -> None:
        """The bot has it: the second tick on the phone."""
        pending = self._pending.get(update_id)
        if pending is not None and pending.message_id and self._feed.read:
            self._feed.publish({"kind": "collected", "user_id": pending.lane, "message_id": pending.message_id})
        self.drop(update_id)

    def uncollected(self, lane: int) -> list[int]:
        """The messages of a chat that still wait for the bot."""
        return [pending.message_id for pending in self._lanes.get(lane, {}).values() if pending.message_id]

    def clear(self) -> None:
        for update_id in list(self._pending):
            self.drop(update_id)

    def lanes(self) -> list[int | None]:
        """The chats that have something waiting, None for updates of no chat."""
        return list(self._lanes)

    def first_of(self, lane: int | None) -> Pending | None:
        self._expire()
        return next(iter(self._lanes.get(lane, {}).values()), None)

    def confirm(self, offset: int) -> None:
        """Delete everything below the offset; a negative one keeps that many at the end."""
        if offset < 0:
            confirmed = list(self._pending)[:offset]
        elif offset > self.next_id + OFFSET_SLACK:
            confirmed = []
        elif self._ids_fell:
            confirmed = [update_id for update_id in self._pending if update_id < offset]
        else:
            confirmed = list(takewhile(lambda update_id: update_id < offset, self._pending))
        for update_id in confirmed:
            self.collected(update_id)

    def jump(self, next_id: int) -> None:
        """Restart the ids anywhere, also lower, as Telegram does after a quiet week."""
        self._ids_fell = self._ids_fell or (bool(self._pending) and next_id < self.next_id)
        self.next_id = next_id
        self.remember()

    def head(self, limit: int) -> list[Pending]:
        self._expire()
        return list(islice(self._pending.values(), limit))

    def _expire(self) -> None:
        deadline = self._now() - LIFETIME_SECONDS
        # Queued in order of their dates, near enough: looking at the head keeps a long queue cheap.
        late = list(takewhile(lambda pending: pending.date < deadline, self._pending.values()))
        for pending in late:
            self.drop(pending.id)

    def begin_poll(self) -> "asyncio.Future[None]":
        """A future that ends when a newer call takes over; the older call is the one to get 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self._poll = asyncio.get_running_loop().create_future()
        self.polled.fire()
        return self._poll

    def end_poll(self, poll: "asyncio.Future[None]") -> None:
        if self._poll is poll:
            self._poll = None

    @property
    def polling(self) -> bool:
        return self._poll is not None and not self._poll.done()
