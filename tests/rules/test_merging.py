"""What stands against merging two tickets: each reason alone, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.rules.merging import MergeRefusal, MergingFacts, merge_refusals
from core.rules.states import State

MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
FINE = MergingFacts(
    is_same=False,
    same_company=True,
    state=State.OPEN,
    target_state=State.NEW,
    closings=0,
    timer_running=False,
    may_share=True,
    first_work=TUESDAY,
    target_reopened_at=MONDAY,
)


def test_two_open_tickets_of_a_company_are_merged():
    assert merge_refusals(FINE) == ()
    assert merge_refusals(replace(FINE, first_work=MONDAY, target_reopened_at=None)) == ()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"is_same": True}, MergeRefusal.SAME_TICKET),
        ({"same_company": False}, MergeRefusal.OTHER_COMPANY),
        ({"state": State.MERGED}, MergeRefusal.CLOSED),
        ({"target_state": State.WARRANTY}, MergeRefusal.TARGET_CLOSED),
        ({"closings": 1}, MergeRefusal.HAS_CLOSINGS),
        ({"timer_running": True}, MergeRefusal.TIMER_RUNNING),
        ({"may_share": False}, MergeRefusal.OPENER_UNVERIFIED),
        ({"first_work": MONDAY, "target_reopened_at": TUESDAY}, MergeRefusal.WORKED_BEFORE),
    ],
)
def test_each_reason_is_given(change, refusal):
    assert merge_refusals(replace(FINE, **change)) == (refusal,)
