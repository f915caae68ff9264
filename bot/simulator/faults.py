"""Troubles on request: which call of which method goes wrong, and how."""

import random
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from bot.simulator.errors import ApiError, ControlError, conflict, forbidden

REFUSALS = frozenset({"429", "403", "401", "500", "409", "400"})
BEFORE = REFUSALS | {"502html", "drop_before", "hang_before"}
AFTER = frozenset({"truncated", "drop_after", "hang_after", "slow", "500_after"})
POLLING = frozenset({"brake", "duplicate", "reorder", "jump", "expire"})
KINDS = BEFORE | AFTER | POLLING


@dataclass
class Fault:
    """`nth` counts the matching calls from 1; `times` is how often it strikes at most."""

    kind: str
    method: str = "*"
    chat_id: int | None = None
    retry_after: int = 1
    migrate_to_chat_id: int | None = None
    probability: float | None = None
    nth: int | None = None
    times: int | None = None
    seconds: float | None = None
    description: str | None = None
    seen: int = 0
    struck: int = 0

    def matches(self, method: str, chat_id: int | None) -> bool:
        if self.times is not None and self.struck >= self.times:
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        return fnmatchcase(method.lower(), self.method.lower())

    def strikes(self, rng: random.Random) -> bool:
        self.seen += 1
        if self.nth is not None and not self.nth <= self.seen < self.nth + (self.times or 1):
            return False
        return self.probability is None or rng.random() < self.probability

    def refusal(self) -> ApiError:
        if self.kind == "429":
            text = f"Too Many Requests: retry after {self.retry_after}"
            return ApiError(429, self.description or text, retry_after=self.retry_after)
        if self.kind == "403":
            return forbidden(self.description or "bot was blocked by the user")
        if self.kind == "401":
            return ApiError(401, self.description or "Unauthorized")
        if self.kind == "409":
            reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
            return conflict(self.description or reason)
        if self.migrate_to_chat_id is not None:
            reason = "Bad Request: group chat was upgraded to a supergroup chat"
            return ApiError(400, reason, migrate_to_chat_id=self.migrate_to_chat_id)
        if self.kind == "400":
            return ApiError(400, f"Bad Request: {self.description or 'simulated'}")
        return ApiError(500, self.description or "Internal Server Error")


@dataclass
class Faults:
    rng: random.Random
    active: list[Fault] = field(default_factory=list)

    def add(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row.get("kind") not in KINDS:
                raise ControlError(400, f"No hay una falla de la clase {row.get('kind')!r}.")
            try:
                self.active.append(Fault(**row))
            except TypeError as error:
                raise ControlError(400, f"La falla no se entiende: {error}.") from error

    def clear(self) -> None:
        self.active.clear()

    def choose(self, method: str, chat_id: int | None) -> Fault | None:
        """The first fault that strikes this call; each one that matches counts it."""
        chosen = None
        for fault in self.active:
            if fault.matches(method, chat_id) and fault.strikes(self.rng) and chosen is None:
                fault.struck += 1
                chosen = fault
        return chosen

    def as_rows(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.active]
