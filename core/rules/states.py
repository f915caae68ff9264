"""The states of a ticket, and the moves between them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands: four are closures, and a merged one goes on in another ticket."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    WARRANTY = "warranty"
    IMPLEMENTATION = "implementation"
    UNSUCCESSFUL = "unsuccessful"
    INVOICED = "invoiced"
    MERGED = "merged"


class WaitingFor(StrEnum):
    """Who has to do the next thing on a ticket."""

    DESK = "desk"
    CUSTOMER = "customer"
    NONE = "none"


CLOSURES: frozenset[State] = frozenset({State.WARRANTY, State.IMPLEMENTATION, State.UNSUCCESSFUL, State.INVOICED})
CLOSED: frozenset[State] = CLOSURES | {State.MERGED}
UNDER_WAY = (State.NEW, State.OPEN, State.PENDING)

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, *CLOSED}),
    State.OPEN: frozenset({State.PENDING, *CLOSED}),
    State.PENDING: frozenset({State.OPEN, *CLOSED}),
    **{closed: frozenset({State.OPEN}) for closed in CLOSURES},
    State.MERGED: frozenset(),
}

_AFTER_WORK: Mapping[State, State] = {
    State.NEW: State.OPEN,
    State.OPEN: State.OPEN,
    State.PENDING: State.PENDING,
}


class IllegalTransition(ValueError):  # noqa: N818 - the office says "illegal transition"
    """A move the table of states does not have; carries both ends."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"a ticket cannot go from {before} to {after}")
        self.before = before
        self.after = after


def is_closed(state: State) -> bool:
    """Whether nothing is done on it any more: one of the four closures, or merged."""
    return state in CLOSED


def can_move(before: State, after: State) -> bool:
    """Whether the table has this move; staying where one is, is not a move."""
    return after in TRANSITIONS[before]


def move(before: State, after: State) -> State:
    """Return `after`, or raise IllegalTransition when the table does not have the move."""
    if not can_move(before, after):
        raise IllegalTransition(before, after)
    return after


def initial_state(*, by_desk: bool) -> State:
    """A customer's ticket starts as new, one the desk opens is already being worked on."""
    return State.OPEN if by_desk else State.NEW


def after_technician_reply(state: State) -> State:
    """The first answer opens a new ticket; raises IllegalTransition on a closed one."""
    return _after_work(state)


def after_take(state: State) -> State:
    """Taking a new ticket opens it; raises IllegalTransition on a closed one."""
    return _after_work(state)


def waiting_for(state: State, last_author_is_customer: bool) -> WaitingFor:
    """Who has the next move; a new ticket and one pending with Development always wait for the desk."""
    if state in CLOSED:
        return WaitingFor.NONE
    if state is State.OPEN and not last_author_is_customer:
        return WaitingFor.CUSTOMER
    return WaitingFor.DESK


def urgent_at(
    state: State, last_author_is_customer: bool, *, turn_at: datetime, remind_at: datetime | None
) -> datetime | None:
    """What the queue is ordered by, the earliest first; None where the desk has nothing to do.

    Who has waited since an earlier moment has waited at least as long within office hours, too. A ticket pending with
    Development comes when its reminder does, unless the customer has written since it was left so.
    """
    if waiting_for(state, last_author_is_customer) is not WaitingFor.DESK:
        return None
    waits_for_its_day = state is State.PENDING and not last_author_is_customer
    return (remind_at or turn_at) if waits_for_its_day else turn_at


def _after_work(state: State) -> State:
    if state not in _AFTER_WORK:
        raise IllegalTransition(state, State.OPEN)
    return _AFTER_WORK[state]
