"""Purchased minutes lie in lots, one for each purchase: the oldest is used first, some are good until a date."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.rules.ledger import LineKind

LOW_BALANCE_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the purchased account. `purchase_id`: of an expiry, the purchase it takes from."""

    id: int
    kind: LineKind
    minutes: int
    closure_id: int | None = None
    purchase_id: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one purchase, in minutes (>= 0)."""

    purchase_id: int
    minutes: int
    expires_at: datetime | None


@dataclass(slots=True)
class _Shelf:
    left: dict[int, int] = field(default_factory=dict)
    expires_at: dict[int, datetime | None] = field(default_factory=dict)
    taken: dict[int, dict[int, int]] = field(default_factory=dict)  # by closing: minutes by purchase
    owed: dict[int, int] = field(default_factory=dict)  # by closing: minutes no purchase has covered yet

    def cover(self) -> None:
        """What is owed is taken from what there is, the oldest debt from the oldest purchase first."""
        for closure_id, missing in self.owed.items():
            for purchase_id, left in self.left.items():
                minutes = min(missing, left)
                missing -= minutes
                self.left[purchase_id] -= minutes
                taken = self.taken.setdefault(closure_id, {})
                taken[purchase_id] = taken.get(purchase_id, 0) + minutes
            self.owed[closure_id] = missing

    def give_back(self, closure_id: int) -> None:
        self.owed.pop(closure_id, None)
        for purchase_id, minutes in self.taken.pop(closure_id, {}).items():
            self.left[purchase_id] += minutes


def lots(movements: Iterable[Movement]) -> tuple[list[Lot], int]:
    """What is left of each purchase, oldest first, and the minutes owed (> 0 only where nothing is left).

    `movements` are all lines of the account in their order; left less owed is their sum. A reversal puts the
    minutes back into the purchases they came from.
    """
    shelf = _Shelf()
    for line in movements:
        if line.kind is LineKind.PURCHASE:
            shelf.left[line.id], shelf.expires_at[line.id] = line.minutes, line.expires_at
        elif line.kind is LineKind.CLOSURE and line.closure_id is not None:
            shelf.owed[line.closure_id] = -line.minutes
        elif line.kind is LineKind.REVERSAL and line.closure_id is not None:
            shelf.give_back(line.closure_id)
        elif line.kind is LineKind.EXPIRY and line.purchase_id is not None:
            shelf.left[line.purchase_id] += line.minutes
        shelf.cover()
    left = [Lot(purchase_id, minutes, shelf.expires_at[purchase_id]) for purchase_id, minutes in shelf.left.items()]
    return left, sum(shelf.owed.values())


def expired(left: Iterable[Lot], now: datetime) -> list[Lot]:
    """The lots whose minutes are no longer good and still have to leave by a line of their own."""
    return [lot for lot in left if lot.minutes and lot.expires_at is not None and lot.expires_at <= now]


def has_crossed(before: int | None, after: int | None, threshold: int) -> bool:
    """Whether the balance has just fallen to the threshold or below it: the moment to tell, once per crossing."""
    return before is not None and after is not None and after <= threshold < before
