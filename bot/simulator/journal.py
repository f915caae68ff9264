"""Every request to the Bot API with its verdict: what the checker reads after a fault run."""

import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from bot.simulator.changes import Signal
from bot.simulator.store import Store

KEPT = 300_000
SHORT = 200


@dataclass(slots=True)
class Entry:
    """One request. `verdict` is open, ok, an error code or the name of a fault; `took_effect` tells
    whether the method ran to its end (a fault may hide that from the client)."""

    n: int
    method: str
    at: float
    wall: float
    chat_id: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    verdict: str = "open"
    error: str | None = None
    fault: str | None = None
    took_effect: bool = False
    update_ids: list[int] = field(default_factory=list)
    message_id: int | None = None
    message_ids: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def as_row(self) -> dict[str, Any]:
        # Not asdict: its deep copy costs more than the call it describes.
        return {name: getattr(self, name) for name in Entry.__slots__}


class Journal:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: deque[Entry] = deque()
        self._n = 0
        self.open_requests = 0
        self.open_polls = 0
        self.moved = Signal()

    def load(self) -> None:
        rows = sorted(self._store.load("journal"), key=lambda item: int(item[0]))
        self._entries.extend(Entry(**row) for _, row in rows)
        if self._entries:
            self._n = self._entries[-1].n

    def begin(self, method: str, wall: float) -> Entry:
        self._n += 1
        entry = Entry(self._n, method, time.monotonic(), wall)
        self._entries.append(entry)
        if len(self._entries) > KEPT:
            self._store.forget("journal", str(self._entries.popleft().n))
        if method.lower() == "getupdates":
            self.open_polls += 1
        else:
            self.open_requests += 1
        self.moved.fire()
        return entry

    @property
    def last_n(self) -> int:
        return self._n

    def finish(self, entry: Entry) -> None:
        entry.seconds = round(time.monotonic() - entry.at, 6)
        if entry.method.lower() == "getupdates":
            self.open_polls -= 1
        else:
            self.open_requests -= 1
        self._store.mark("journal", str(entry.n), entry.as_row)
        self.moved.fire()

    def entries(self, *, after: int = 0, methods: Collection[str] = (), handed_out: bool = False) -> list[Entry]:
        """Those after a number, of these methods (in small letters; none: all), if so wished only with updates."""
        newest = takewhile(lambda entry: entry.n > after, reversed(self._entries))
        return [
            entry
            for entry in newest
            if (not methods or entry.method.lower() in methods) and (entry.update_ids or not handed_out)
        ][::-1]

    def clear(self) -> None:
        for entry in self._entries:
            self._store.forget("journal", str(entry.n))
        self._entries.clear()


def shortened(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as the journal keeps them: enough to recognise, never whole texts."""
    return {
        key: value[:SHORT] if isinstance(value, str) else value
        for key, value in params.items()
        if isinstance(value, str | int | float | bool | dict | list)
    }
