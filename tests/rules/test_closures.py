"""Closures: the whole grid of services, states, closures, calls, balances and minutes."""

from dataclasses import replace
from itertools import product

import pytest

from core.rules.calls import CallOutcome
from core.rules.closures import (
    MINUTES_LIMIT,
    NEEDS_SOLUTION,
    NEVER,
    ClosingFacts,
    Closure,
    ClosureRequest,
    Policy,
    options,
    plan_closure,
    preview_closure,
)
from core.rules.refusals import WORDS_MISSING, Refusal
from core.rules.services import Service
from core.rules.states import CLOSED, CLOSURES, State, can_move

CALLS = [calls for size in range(4) for calls in product(CallOutcome, repeat=size)]
TWO_CALLS = (CallOutcome.NO_ANSWER, CallOutcome.ANSWERED_NO_ACCESS)
STRUCTURAL = {
    Refusal.ALREADY_CLOSED,
    Refusal.NOT_FOR_SERVICE,
    Refusal.TOO_FEW_CALLS,
    Refusal.CALL_CONNECTED,
    Refusal.BALANCE_UNKNOWN,
    Refusal.TOO_FEW_PURCHASED,
}


def facts(**changes):
    usual = ClosingFacts(Service.SUPPORT, State.OPEN, recorded_minutes=0, calls=TWO_CALLS, bag=0, purchased=600)
    return replace(usual, **changes)


def asks(closure, minutes=0, *, cause="Se dañó el índice", solution="Se reindexó"):
    return ClosureRequest(closure, cause, solution, minutes)


def expected_structural(known, closure, real):
    """The table of product.md, written down once more and independently."""
    against = set()
    if known.state in CLOSED:
        against.add(Refusal.ALREADY_CLOSED)
    if known.service is Service.DEVELOPMENT and closure is not Closure.INVOICED:
        against.add(Refusal.NOT_FOR_SERVICE)
    if closure is Closure.UNSUCCESSFUL and len(known.calls) < 2:
        against.add(Refusal.TOO_FEW_CALLS)
    if closure is Closure.UNSUCCESSFUL and CallOutcome.CONNECTED in known.calls:
        against.add(Refusal.CALL_CONNECTED)
    if closure is Closure.IMPLEMENTATION and known.purchased is None:
        against.add(Refusal.BALANCE_UNKNOWN)
    if closure is Closure.IMPLEMENTATION and known.purchased is not None and real > known.purchased:
        against.add(Refusal.TOO_FEW_PURCHASED)
    return against


@pytest.mark.parametrize("closure", Closure)
def test_a_closure_names_its_state(closure):
    assert closure.state.value == closure.value
    assert {each.state for each in Closure} == CLOSURES


def test_the_tables_are_total():
    assert set(NEVER) == set(Service)
    assert set(NEEDS_SOLUTION) == set(Closure)
    assert set(Policy().legal) == set(Service)


@pytest.mark.parametrize("closure", Closure)
@pytest.mark.parametrize("service", Service)
def test_the_whole_grid(service, closure):
    for state, calls, purchased, minutes in product(State, CALLS, (None, 0, 14, 15), (0, 15)):
        known = facts(service=service, state=state, calls=calls, purchased=purchased)
        plan = plan_closure(known, asks(closure, minutes))
        expected = expected_structural(known, closure, minutes)
        assert set(plan.refused) == expected
        assert len(plan.refused) == len(expected)
        assert plan.is_legal is (not expected)
        assert not plan.is_legal or can_move(state, closure.state)
        assert plan.real_minutes == minutes


def test_options_are_the_structural_reasons_of_every_closure():
    for service, state, calls, purchased in product(Service, State, CALLS, (None, 0, 14, 15)):
        known = facts(service=service, state=state, calls=calls, purchased=purchased, recorded_minutes=15)
        shown = options(known)
        assert set(shown) == set(Closure)
        for closure, against in shown.items():
            assert set(against) == expected_structural(known, closure, 15)
            plan = plan_closure(known, asks(closure, 15))
            assert plan.refused == against


@pytest.mark.parametrize("closure", Closure)
def test_options_do_not_ask_for_the_form(closure):
    empty = plan_closure(facts(), ClosureRequest(closure, "", "", None))
    assert not STRUCTURAL & set(empty.refused)
    assert options(facts())[closure] == ()


@pytest.mark.parametrize(
    ("real", "charged"),
    [(0, 15), (4, 15), (10, 15), (14, 15), (15, 15), (16, 16), (20, 20), (59, 59), (130, 130)],
)
def test_fifteen_minutes_are_a_minimum_and_no_step(real, charged):
    assert plan_closure(facts(), asks(Closure.INVOICED, real)).charged_minutes == charged


@pytest.mark.parametrize(
    ("carried", "real", "charged"), [(4, 5, 15), (20, 0, 20), (20, 5, 25), (10, 10, 20), (0, 5, 15)]
)
def test_the_minimum_holds_once_per_ticket(carried, real, charged):
    known = facts(carried_minutes=carried)
    assert plan_closure(known, asks(Closure.INVOICED, real)).charged_minutes == charged


@pytest.mark.parametrize("closure", [Closure.WARRANTY, Closure.UNSUCCESSFUL])
def test_what_is_not_the_customers_fault_costs_nothing(closure):
    plan = plan_closure(facts(carried_minutes=40, bag=55), asks(closure, 130))
    assert (plan.charged_minutes, plan.bag_after, plan.technical_hours_issued) == (0, 55, 0)
    assert (plan.purchased_before, plan.purchased_after) == (600, 600)
    assert plan.real_minutes == plan.surplus_minutes == 130
    assert (plan.carried_minutes, plan.waived_minutes) == (0, 40)


@pytest.mark.parametrize(
    ("bag", "real", "hours", "rest"),
    [(0, 0, 0, 15), (35, 25, 1, 0), (0, 130, 2, 10), (59, 1, 1, 14), (59, 0, 1, 14), (44, 15, 0, 59), (45, 4, 1, 0)],
)
def test_an_invoiced_closure_fills_the_bag(bag, real, hours, rest):
    plan = plan_closure(facts(bag=bag), asks(Closure.INVOICED, real))
    assert (plan.bag_before, plan.technical_hours_issued, plan.bag_after) == (bag, hours, rest)
    assert plan.bag_before + plan.charged_minutes == 60 * plan.technical_hours_issued + plan.bag_after
    assert plan.purchased_before == plan.purchased_after == 600


@pytest.mark.parametrize(
    ("purchased", "carried", "real", "legal"),
    [
        (0, 0, 0, True),
        (0, 0, 1, False),
        (30, 0, 30, True),
        (30, 0, 31, False),
        (30, 20, 10, True),
        (30, 20, 11, False),
        (-10, 0, 0, True),
        (-10, 0, 1, False),
        (4, 0, 4, True),
    ],
)
def test_an_implementation_debits_what_was_purchased(purchased, carried, real, legal):
    plan = plan_closure(
        facts(purchased=purchased, carried_minutes=carried, bag=7), asks(Closure.IMPLEMENTATION, real)
    )
    assert plan.refused == (() if legal else (Refusal.TOO_FEW_PURCHASED,))
    assert plan.charged_minutes == (carried + real if legal else 0)
    assert plan.purchased_after == purchased - plan.charged_minutes
    assert plan.bag_before == plan.bag_after == 7


def test_two_accounts_are_never_netted():
    for closure in Closure:
        plan = plan_closure(facts(bag=30), asks(closure, 40))
        moved = (plan.bag_after != 30 or plan.technical_hours_issued > 0, plan.purchased_after != 600)
        assert moved == (closure is Closure.INVOICED, closure is Closure.IMPLEMENTATION)


@pytest.mark.parametrize("closure", Closure)
@pytest.mark.parametrize(
    ("minutes", "against"),
    [
        (None, Refusal.MINUTES_MISSING),
        (-1, Refusal.MINUTES_NEGATIVE),
        (0, Refusal.MINUTES_BELOW_RECORDED),
        (11, Refusal.MINUTES_BELOW_RECORDED),
        (12, None),
        (13, None),
        (MINUTES_LIMIT, None),
        (MINUTES_LIMIT + 1, Refusal.MINUTES_TOO_MANY),
    ],
)
def test_minutes_are_the_total_of_the_ticket(closure, minutes, against):
    known = facts(recorded_minutes=12, purchased=MINUTES_LIMIT * 2)
    plan = plan_closure(known, asks(closure, minutes))
    assert plan.refused == (() if against is None else (against,))
    assert plan.surplus_minutes == (minutes - 12 if against is None else 0)
    assert plan.real_minutes == (12 if minutes is None else minutes)


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u200b", "\u00a0", "\u2060 \ufeff"])
@pytest.mark.parametrize("closure", Closure)
def test_cause_and_solution_are_written(closure, blank):
    no_cause = plan_closure(facts(), asks(closure, cause=blank))
    assert no_cause.refused == (Refusal.CAUSE_MISSING,)
    no_solution = plan_closure(facts(), asks(closure, solution=blank))
    nothing_solved = closure is Closure.UNSUCCESSFUL
    assert no_solution.refused == (() if nothing_solved else (Refusal.SOLUTION_MISSING,))


def test_all_reasons_are_told_at_once():
    known = facts(service=Service.DEVELOPMENT, state=State.INVOICED, calls=(CallOutcome.CONNECTED,))
    plan = plan_closure(known, ClosureRequest(Closure.UNSUCCESSFUL, "", "", None))
    assert plan.refused == (
        Refusal.ALREADY_CLOSED,
        Refusal.NOT_FOR_SERVICE,
        Refusal.TOO_FEW_CALLS,
        Refusal.CALL_CONNECTED,
        Refusal.CAUSE_MISSING,
        Refusal.MINUTES_MISSING,
    )


def test_a_refused_plan_changes_nothing():
    for closure, state, minutes, cause in product(Closure, State, (None, -5, 3, 90), ("", "sí")):
        plan = plan_closure(facts(state=state, bag=50, recorded_minutes=3), asks(closure, minutes, cause=cause))
        if plan.refused:
            assert plan.charged_minutes == plan.surplus_minutes == plan.technical_hours_issued == 0
            assert (plan.bag_before, plan.bag_after) == (50, 50)
            assert plan.purchased_before == plan.purchased_after == 600


@pytest.mark.parametrize("closure", Closure)
def test_a_preview_shows_the_consequence_before_the_words_are_written(closure):
    unwritten = asks(closure, 20, cause="", solution=" ")
    seen, written = preview_closure(facts(bag=50), unwritten), plan_closure(facts(bag=50), asks(closure, 20))
    assert set(seen.refused) <= WORDS_MISSING
    assert not seen.is_legal
    assert replace(seen, refused=()) == written
    assert preview_closure(facts(), asks(closure, 20)) == plan_closure(facts(), asks(closure, 20))
    without_minutes = preview_closure(facts(), asks(closure, None, cause=""))
    assert without_minutes.charged_minutes == 0
    assert without_minutes.refused == (Refusal.CAUSE_MISSING, Refusal.MINUTES_MISSING)


def test_the_desk_may_set_its_policy():
    generous = Policy(
        minimum_minutes=30,
        calls_needed=0,
        legal={Service.DEVELOPMENT: frozenset(Closure), Service.SUPPORT: frozenset()},
    )
    development = facts(service=Service.DEVELOPMENT, policy=generous, calls=())
    assert plan_closure(development, asks(Closure.INVOICED, 4)).charged_minutes == 30
    assert options(development) == {
        Closure.WARRANTY: (Refusal.NOT_FOR_SERVICE,),  # whatever is set
        Closure.IMPLEMENTATION: (),
        Closure.UNSUCCESSFUL: (),
        Closure.INVOICED: (),
    }
    assert all(against == (Refusal.NOT_FOR_SERVICE,) for against in options(facts(policy=generous)).values())
    nothing_set = facts(policy=Policy(legal={}))
    assert all(Refusal.NOT_FOR_SERVICE in against for against in options(nothing_set).values())


@pytest.mark.parametrize("wrong", [{"minimum_minutes": -1}, {"calls_needed": -1}])
def test_a_policy_below_zero_is_none(wrong):
    with pytest.raises(ValueError, match="not negative"):
        Policy(**wrong)


@pytest.mark.parametrize(
    ("closure", "minutes", "reason", "refused"),
    [
        (Closure.INVOICED, 400, "", (Refusal.SAME_CLOSURE,)),
        (Closure.INVOICED, 400, "Mal escrito", (Refusal.SAME_CLOSURE,)),
        (Closure.INVOICED, 40, "\u00a0", (Refusal.REASON_MISSING,)),
        (Closure.INVOICED, 40, "Mal escrito", ()),
        (Closure.INVOICED, 410, "Mal escrito", ()),
        (Closure.WARRANTY, 400, "", ()),
        (Closure.WARRANTY, 40, "", (Refusal.REASON_MISSING,)),
    ],
)
def test_a_correction_gives_another_kind_or_other_minutes_and_these_with_a_reason(closure, minutes, reason, refused):
    known = facts(recorded_minutes=400, replaced=Closure.INVOICED)
    plan = plan_closure(known, replace(asks(closure, minutes), reason=reason))
    assert plan.refused == refused
    assert plan.surplus_minutes == (0 if refused else minutes - 400)


def test_only_a_correction_gives_fewer_minutes_than_were_recorded():
    request = replace(asks(Closure.INVOICED, 40), reason="Mal escrito")
    assert plan_closure(facts(recorded_minutes=400), request).refused == (Refusal.MINUTES_BELOW_RECORDED,)
