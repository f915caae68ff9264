"""Reopening: inside the grace period, and never once the hour is invoiced."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from core.rules.reopening import ReopeningFacts, ReopenRefusal, reopen_refusals
from core.rules.states import CLOSURES, State, can_move

CLOSED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("state", "by_desk", "invoiced"), list(product(State, (True, False), (True, False))))
@pytest.mark.parametrize(("days", "late"), [(0, False), (7, False), (7.001, True), (400, True)])
def test_the_whole_grid(state, by_desk, invoiced, days, late):
    facts = ReopeningFacts(state, CLOSED_AT, hour_invoiced=invoiced, by_desk=by_desk)
    against = reopen_refusals(facts, CLOSED_AT + timedelta(days=days))
    if state not in CLOSURES:
        assert against == (ReopenRefusal.NOT_CLOSED,)
        return
    expected = {ReopenRefusal.GRACE_OVER} if late and not by_desk else set()
    if invoiced:
        expected.add(ReopenRefusal.HOUR_INVOICED)
    assert set(against) == expected
    assert can_move(state, State.OPEN)


def test_a_ticket_never_closed_cannot_be_reopened():
    facts = ReopeningFacts(State.WARRANTY, None, hour_invoiced=False, by_desk=True)
    assert reopen_refusals(facts, CLOSED_AT) == (ReopenRefusal.NOT_CLOSED,)


def test_the_grace_is_a_setting():
    facts = ReopeningFacts(State.INVOICED, CLOSED_AT, hour_invoiced=False, by_desk=False, grace_days=0)
    assert reopen_refusals(facts, CLOSED_AT) == ()
    assert reopen_refusals(facts, CLOSED_AT + timedelta(minutes=1)) == (ReopenRefusal.GRACE_OVER,)
