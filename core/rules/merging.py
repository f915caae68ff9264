"""When one ticket may become part of another: facts in, every reason against it out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.rules.states import CLOSED, State


class MergeRefusal(StrEnum):
    SAME_TICKET = "same_ticket"
    OTHER_COMPANY = "other_company"
    CLOSED = "closed"
    TARGET_CLOSED = "target_closed"
    HAS_CLOSINGS = "has_closings"
    TIMER_RUNNING = "timer_running"
    OPENER_UNVERIFIED = "opener_unverified"
    WORKED_BEFORE = "worked_before"


@dataclass(frozen=True, slots=True)
class MergingFacts:
    """Of both tickets. ``first_work``: the first time entry or call of the one that goes.

    ``target_reopened_at`` is None where the other was never closed. ``may_share``: whoever opened the one may
    read the other as well: it is the same person, or both are verified.
    """

    is_same: bool
    same_company: bool
    state: State
    target_state: State
    closings: int
    timer_running: bool
    may_share: bool
    first_work: datetime | None
    target_reopened_at: datetime | None


def merge_refusals(facts: MergingFacts) -> tuple[MergeRefusal, ...]:
    """Everything against it; empty when it may be done."""
    was_worked_before = (
        facts.first_work is not None
        and facts.target_reopened_at is not None
        and facts.first_work < facts.target_reopened_at
    )
    found = {
        MergeRefusal.SAME_TICKET: facts.is_same,
        MergeRefusal.OTHER_COMPANY: not facts.same_company,
        MergeRefusal.CLOSED: facts.state in CLOSED,
        MergeRefusal.TARGET_CLOSED: facts.target_state in CLOSED,
        MergeRefusal.HAS_CLOSINGS: facts.closings > 0,  # its minutes are charged to it, and reports name it
        MergeRefusal.TIMER_RUNNING: facts.timer_running,
        MergeRefusal.OPENER_UNVERIFIED: not facts.may_share,
        MergeRefusal.WORKED_BEFORE: was_worked_before,  # the closing would not count those minutes
    }
    return tuple(refusal for refusal, holds in found.items() if holds)
