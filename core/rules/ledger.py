"""The arithmetic of minutes: a company's bag, its purchased hours, and the technical hours issued.

Everything is integer minutes. The bag and the purchased hours are two accounts and are never netted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

HOUR = 60


class Account(StrEnum):
    """The two accounts of a company."""

    BAG = "bag"
    PURCHASED = "purchased"


class LineKind(StrEnum):
    """Why a ledger line was written; a line is never changed, only countered by another."""

    PURCHASE = "purchase"
    CLOSURE = "closure"
    REVERSAL = "reversal"
    HOUR_ISSUED = "hour_issued"
    HOUR_WITHDRAWN = "hour_withdrawn"
    EXPIRY = "expiry"


class InvoicingKind(StrEnum):
    """What befell a technical hour after it was issued; like the ledger, only ever added to."""

    INVOICED = "invoiced"
    REVERTED = "reverted"


_NEVER: frozenset[int] = frozenset()
_ADDS = frozenset({0, 1})
_TAKES = frozenset({0, -1})

SIGNS: Mapping[Account, Mapping[LineKind, frozenset[int]]] = {
    Account.BAG: {
        LineKind.PURCHASE: _NEVER,
        LineKind.CLOSURE: _ADDS,
        LineKind.REVERSAL: _TAKES,
        LineKind.HOUR_ISSUED: frozenset({-1}),
        LineKind.HOUR_WITHDRAWN: frozenset({1}),
        LineKind.EXPIRY: _NEVER,
    },
    Account.PURCHASED: {
        LineKind.PURCHASE: _ADDS,  # 0 says that there are none, which is not the same as unknown
        LineKind.CLOSURE: _TAKES,
        LineKind.REVERSAL: _ADDS | _TAKES,
        LineKind.HOUR_ISSUED: _NEVER,
        LineKind.HOUR_WITHDRAWN: _NEVER,
        LineKind.EXPIRY: frozenset({-1}),
    },
}


class Poured(NamedTuple):
    """What a bag gives after minutes were poured in: whole hours, and the rest that stays (0..59)."""

    hours: int
    rest: int


@dataclass(frozen=True, slots=True)
class Part:
    """Minutes of one closure (> 0) that lie in the bag or fill part of a technical hour."""

    closure_id: int
    minutes: int


@dataclass(frozen=True, slots=True)
class IssuedHour:
    """One technical hour: exactly 60 minutes, and the closures whose minutes filled it, oldest first."""

    parts: tuple[Part, ...]

    @property
    def closure_ids(self) -> tuple[int, ...]:
        """The closures that filled this hour, oldest first, each once."""
        return tuple(dict.fromkeys(part.closure_id for part in self.parts))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What taking a closure back does: hours withdrawn, hours issued anew, minutes left in the bag."""

    withdrawn: tuple[int, ...]
    issued: tuple[IssuedHour, ...]
    open_parts: tuple[Part, ...]


def may_post(account: Account, kind: LineKind, *, minutes: int) -> bool:
    """Whether a line of this kind and signed amount may stand in this account."""
    sign = (minutes > 0) - (minutes < 0)
    return sign in SIGNS[account][kind]


def pour(bag: int, charged: int) -> Poured:
    """Pour `charged` minutes (>= 0) into a bag holding 0..59; raises ValueError outside these."""
    if not 0 <= bag < HOUR:
        raise ValueError(f"a bag holds 0 to 59 minutes, not {bag}")
    if charged < 0:
        raise ValueError(f"a charge is not negative: {charged}")
    return Poured(*divmod(bag + charged, HOUR))


def fill_hours(open_parts: Sequence[Part], charged: Part) -> tuple[list[IssuedHour], list[Part]]:
    """Fill technical hours first in, first out, and return them with the parts that stay in the bag.

    `open_parts` is the bag before, oldest first (0..59 minutes together). No minute is lost or made.
    Raises ValueError where `pour` would.
    """
    pour(total(open_parts), charged.minutes)
    return _fill([*open_parts, charged])


def take_back(closure_id: int, *, hours: Mapping[int, IssuedHour], open_parts: Sequence[Part]) -> Withdrawal:
    """Take a closure's minutes out of the bag and out of the hours they helped to fill.

    `hours` are the company's technical hours not yet invoiced, by id, oldest first. Those holding a minute
    of the closure are withdrawn, and what other closures had put into them fills hours again.
    Whether an hour is invoiced already is for `reopening.reopen_refusals` to ask before.
    """
    touched = tuple(key for key, hour in hours.items() if closure_id in hour.closure_ids)
    loose = [part for key in touched for part in hours[key].parts] + list(open_parts)
    issued, rest = _fill(part for part in loose if part.closure_id != closure_id)
    return Withdrawal(withdrawn=touched, issued=tuple(issued), open_parts=tuple(rest))


def total(parts: Iterable[Part]) -> int:
    """The minutes of all parts together."""
    return sum(part.minutes for part in parts)


def _fill(parts: Iterable[Part]) -> tuple[list[IssuedHour], list[Part]]:
    hours: list[IssuedHour] = []
    filling: dict[int, int] = {}  # minutes by closure: after a withdrawal two parts may be of one closure
    for part in parts:
        left = part.minutes
        while left:
            minutes = min(left, HOUR - sum(filling.values()))
            filling[part.closure_id] = filling.get(part.closure_id, 0) + minutes
            left -= minutes
            if sum(filling.values()) == HOUR:
                hours.append(IssuedHour(_parts(filling)))
                filling = {}
    return hours, list(_parts(filling))


def _parts(filling: Mapping[int, int]) -> tuple[Part, ...]:
    return tuple(Part(closure_id, minutes) for closure_id, minutes in filling.items())
