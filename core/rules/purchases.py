"""Purchased minutes lie in lots, one for each purchase: the oldest is used first, some are good until a date."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from core.rules.ledger import LineKind

LOW_BALANCE_MINUTES = 120
LARGEST_PURCHASE = 10_000 * 60  # minutes
AHEAD = timedelta(days=15)  # that long before minutes expire their company is told
LATE = timedelta(days=7)  # and that long after: a desk that is closed for a week tells when it opens


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
    """What is empty or paid is not looked at again: a whole life is read in a time like its lines."""

    left: dict[int, int] = field(default_factory=dict)
    expires_at: dict[int, datetime | None] = field(default_factory=dict)
    taken: dict[int, dict[int, int]] = field(default_factory=dict)  # by closing: minutes by purchase
    owed: OrderedDict[int, int] = field(default_factory=OrderedDict)  # > 0, by closing, the oldest debt first
    stocked: list[int] = field(default_factory=list)  # a heap: every purchase with minutes left, and some without

    def put(self, purchase_id: int, minutes: int) -> None:
        self.left[purchase_id] = self.left.get(purchase_id, 0) + minutes
        heappush(self.stocked, purchase_id)

    def cover(self) -> None:
        """What is owed is taken from what there is, the oldest debt from the oldest purchase first."""
        while self.owed and self.stocked:
            purchase_id = self.stocked[0]
            if self.left[purchase_id] <= 0:
                heappop(self.stocked)
                continue
            closure_id, missing = next(iter(self.owed.items()))
            minutes = min(missing, self.left[purchase_id])
            self.left[purchase_id] -= minutes
            taken = self.taken.setdefault(closure_id, {})
            taken[purchase_id] = taken.get(purchase_id, 0) + minutes
            if minutes == missing:
                del self.owed[closure_id]
            else:
                self.owed[closure_id] = missing - minutes

    def give_back(self, closure_id: int) -> None:
        self.owed.pop(closure_id, None)
        for purchase_id, minutes in self.taken.pop(closure_id, {}).items():
            self.put(purchase_id, minutes)


def lots(movements: Iterable[Movement]) -> tuple[list[Lot], int]:
    """What is left of each purchase, oldest first, and the minutes owed (> 0 only where nothing is left).

    `movements` are all lines of the account in their order; left less owed is their sum. A reversal puts the
    minutes back into the purchases they came from.
    """
    shelf = _Shelf()
    for line in movements:
        if line.kind is LineKind.PURCHASE:
            shelf.expires_at[line.id] = line.expires_at
            shelf.put(line.id, line.minutes)
        elif line.kind is LineKind.CLOSURE and line.closure_id is not None and line.minutes:
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
    """Whether the balance has just fallen to the threshold or to nothing: the moments to tell, once per crossing.

    Who never had more than the threshold hears as nothing is left.
    """
    if before is None or after is None:
        return False
    return after <= threshold < before or after <= 0 < before
