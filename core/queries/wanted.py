"""What the queue is asked for: shelf, filters, order and the place in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from core.rules.services import Service
from core.rules.states import CLOSED, UNDER_WAY, State, WaitingFor


class Shelf(StrEnum):
    """The tabs of the queue."""

    ACTIVE = "active"
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """Urgent: who has waited longest for the desk, what is pending by its date, then what customers owe."""

    URGENT = "urgent"
    LATEST = "latest"
    OLDEST = "oldest"


class Owner(StrEnum):
    ALL = "all"
    MINE = "mine"
    NOBODY = "nobody"


ON_SHELF: Mapping[Shelf, frozenset[State]] = {
    Shelf.ACTIVE: frozenset(UNDER_WAY),
    Shelf.NEW: frozenset({State.NEW}),
    Shelf.OPEN: frozenset({State.OPEN}),
    Shelf.PENDING: frozenset({State.PENDING}),
    Shelf.CLOSED: CLOSED,
    Shelf.ALL: frozenset(State),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the order: a ticket's moment in it and its number; ``rest``: behind all that is urgent."""

    at: datetime
    number: int
    rest: bool = False

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.number}{'-rest' if self.rest else ''}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Read what ``str`` wrote; anything else is no cursor."""
        at, _, number = text.removesuffix("-rest").partition("-")
        if not (at.isascii() and at.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(at) > 16 or len(number) > 9:
            return None
        seconds, micros = divmod(int(at), 1_000_000)
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)
        return cls(moment, int(number), rest=text.endswith("-rest"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue shows; ``assignee_id`` goes before ``owner``, ``company`` is a RUC or words of name or RUC.

    ``after``: the page that begins behind there; ``before``: the one that ends there.
    """

    shelf: Shelf = Shelf.ACTIVE
    owner: Owner = Owner.ALL
    assignee_id: int | None = None
    service: Service | None = None
    product: str = ""
    company: str = ""
    waiting: WaitingFor | None = None
    responsible_id: int | None = None
    order: Order = Order.URGENT
    after: Cursor | None = None
    before: Cursor | None = None

    @property
    def is_by_urgency(self) -> bool:
        """Closed tickets are not urgent."""
        return self.order is Order.URGENT and self.shelf not in {Shelf.CLOSED, Shelf.ALL}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen beside the shelf and the page."""
        return self.from_the_start != Wanted(shelf=self.shelf)

    @property
    def from_the_start(self) -> "Wanted":
        """The same on its first page."""
        return replace(self, after=None, before=None) if self.after or self.before else self
