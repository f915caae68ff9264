"""States: every pair of them, and every thing that happens to a ticket."""

from datetime import UTC, datetime
from itertools import product

import pytest

from core.rules.states import (
    CLOSED,
    CLOSURES,
    TRANSITIONS,
    IllegalTransition,
    State,
    WaitingFor,
    after_take,
    after_technician_reply,
    can_move,
    initial_state,
    is_closed,
    move,
    urgent_at,
    waiting_for,
)

PICTURE = """
                new open pending warranty implementation unsuccessful invoiced merged
new              .   x     .       x           x              x          x       x
open             .   .     x       x           x              x          x       x
pending          .   x     .       x           x              x          x       x
warranty         .   x     .       .           .              .          .       .
implementation   .   x     .       .           .              .          .       .
unsuccessful     .   x     .       .           .              .          .       .
invoiced         .   x     .       .           .              .          .       .
merged           .   .     .       .           .              .          .       .
"""


def drawn_moves():
    head, *rows = PICTURE.strip().splitlines()
    columns = [State(name) for name in head.split()]
    for row in rows:
        before, *marks = row.split()
        yield from ((State(before), after, mark == "x") for after, mark in zip(columns, marks, strict=True))


def test_the_table_of_moves_is_total():
    assert set(TRANSITIONS) == set(State)


def test_the_picture_draws_every_pair():
    assert {(before, after) for before, after, _ in drawn_moves()} == set(product(State, repeat=2))


@pytest.mark.parametrize(("before", "after", "legal"), list(drawn_moves()))
def test_moves_are_those_of_the_picture(before, after, legal):
    assert can_move(before, after) is legal
    if legal:
        assert move(before, after) is after
    else:
        with pytest.raises(IllegalTransition) as caught:
            move(before, after)
        assert (caught.value.before, caught.value.after) == (before, after)


def test_the_closed_states_are_the_four_closures_and_what_goes_on_elsewhere():
    assert len(CLOSURES) == 4
    assert {State.MERGED} == CLOSED - CLOSURES
    assert {state for state in State if is_closed(state)} == CLOSED
    assert set(State) - CLOSED == {State.NEW, State.OPEN, State.PENDING}


@pytest.mark.parametrize("work", [after_technician_reply, after_take])
@pytest.mark.parametrize("state", State)
def test_work_opens_a_new_ticket_and_no_closed_one(state, work):
    if state in CLOSED:
        with pytest.raises(IllegalTransition) as caught:
            work(state)
        assert (caught.value.before, caught.value.after) == (state, State.OPEN)
    else:
        assert work(state) is (State.OPEN if state is State.NEW else state)


def test_where_a_ticket_begins():
    assert initial_state(by_desk=False) is State.NEW
    assert initial_state(by_desk=True) is State.OPEN


@pytest.mark.parametrize("customer_wrote_last", [True, False])
@pytest.mark.parametrize("state", State)
def test_who_waits_for_whom(state, customer_wrote_last):
    expected = {
        (State.NEW, True): WaitingFor.DESK,
        (State.NEW, False): WaitingFor.DESK,
        (State.OPEN, True): WaitingFor.DESK,
        (State.OPEN, False): WaitingFor.CUSTOMER,
        (State.PENDING, True): WaitingFor.DESK,
        (State.PENDING, False): WaitingFor.DESK,
        **{(closed, wrote): WaitingFor.NONE for closed in CLOSED for wrote in (True, False)},
    }
    assert waiting_for(state, customer_wrote_last) is expected[state, customer_wrote_last]


def test_a_pending_ticket_is_urgent_on_its_day_or_since_the_customer_wrote():
    wrote, day = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 12, 4, 10, tzinfo=UTC)
    assert urgent_at(State.PENDING, last_author_is_customer=False, turn_at=wrote, remind_at=day) == day
    assert urgent_at(State.PENDING, last_author_is_customer=True, turn_at=wrote, remind_at=day) == wrote
    assert urgent_at(State.PENDING, last_author_is_customer=False, turn_at=wrote, remind_at=None) == wrote
