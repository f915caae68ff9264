"""The ledger: no minute is lost, made, or counted twice."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.ledger import HOUR, SIGNS, Account, LineKind, Part, fill_hours, may_post, pour, take_back, total

CHARGES = st.lists(st.integers(0, 400), max_size=30)


def close_one_after_another(charges):
    """What closing tickets 1, 2, 3 … with these charges leaves: the hours and the open parts."""
    hours, bag = [], []
    for closure_id, minutes in enumerate(charges, start=1):
        issued, bag = fill_hours(bag, Part(closure_id, minutes))
        hours += issued
    return hours, bag


def minutes_by_closure(parts):
    counted = Counter()
    for part in parts:
        counted[part.closure_id] += part.minutes
    return +counted


@pytest.mark.parametrize(
    ("charges", "hours", "rest"),
    [([15, 20, 25], 1, 0), ([130], 2, 10), ([], 0, 0), ([0], 0, 0), ([60], 1, 0), ([59], 0, 59), ([59, 1], 1, 0)],
)
def test_the_examples_of_the_desk(charges, hours, rest):
    issued, bag = close_one_after_another(charges)
    assert (len(issued), total(bag)) == (hours, rest)


def test_an_hour_lists_the_tickets_that_filled_it():
    hours, bag = close_one_after_another([15, 20, 130])
    assert [hour.parts for hour in hours] == [
        (Part(1, 15), Part(2, 20), Part(3, 25)),
        (Part(3, 60),),
    ]
    assert hours[0].closure_ids == (1, 2, 3)
    assert bag == [Part(3, 45)]


def test_pouring_every_bag_and_charge():
    for bag, charged in product(range(HOUR), range(200)):
        hours, rest = pour(bag, charged)
        assert bag + charged == hours * 60 + rest
        assert 0 <= rest < 60


@pytest.mark.parametrize(("bag", "charged"), [(-1, 5), (60, 5), (0, -1)])
def test_what_cannot_be_poured(bag, charged):
    with pytest.raises(ValueError, match=r"minutes|negative"):
        pour(bag, charged)
    with pytest.raises(ValueError, match=r"minutes|negative"):
        fill_hours([Part(1, bag)], Part(2, charged))


@given(CHARGES)
def test_filling_agrees_with_pouring_and_conserves_every_minute(charges):
    hours, bag = close_one_after_another(charges)
    rest, poured = 0, 0
    for charged in charges:
        new, rest = pour(rest, charged)
        poured += new
    assert (len(hours), total(bag)) == (poured, rest)
    assert all(total(hour.parts) == HOUR for hour in hours)
    assert all(part.minutes > 0 for part in [*bag, *(part for hour in hours for part in hour.parts)])
    everything = [part for hour in hours for part in hour.parts] + bag
    assert minutes_by_closure(everything) == +Counter(dict(enumerate(charges, start=1)))


@given(CHARGES)
def test_first_in_first_out(charges):
    hours, bag = close_one_after_another(charges)
    order = [part.closure_id for hour in hours for part in hour.parts] + [part.closure_id for part in bag]
    assert order == sorted(order)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.data())
def test_taking_a_closure_back_leaves_the_others_as_they_were(charges, data):
    hours, bag = close_one_after_another(charges)
    gone = data.draw(st.integers(1, len(charges)))
    by_id = {100 + index: hour for index, hour in enumerate(hours)}
    after = take_back(gone, hours=by_id, open_parts=bag)
    kept = [hour for key, hour in by_id.items() if key not in after.withdrawn]
    assert all(gone in by_id[key].closure_ids for key in after.withdrawn)
    assert all(gone not in hour.closure_ids for hour in kept)
    assert all(total(hour.parts) == HOUR for hour in after.issued)
    assert 0 <= total(after.open_parts) < HOUR
    everything = [part for hour in [*kept, *after.issued] for part in hour.parts] + list(after.open_parts)
    expected = Counter(dict(enumerate(charges, start=1)))
    del expected[gone]
    assert minutes_by_closure(everything) == +expected


def test_taking_back_an_hour_shared_with_others():
    hours, bag = close_one_after_another([40, 30, 45])  # 40+20 | 10+45
    assert (len(hours), total(bag)) == (1, 55)
    after = take_back(1, hours={7: hours[0]}, open_parts=bag)
    assert after.withdrawn == (7,)
    assert [hour.closure_ids for hour in after.issued] == [(2, 3)]
    assert after.open_parts == (Part(3, 15),)


def test_the_signs_are_a_grid_without_holes():
    assert set(SIGNS) == set(Account)
    assert all(set(row) == set(LineKind) for row in SIGNS.values())


@pytest.mark.parametrize(("account", "kind"), list(product(Account, LineKind)))
def test_what_may_be_posted(account, kind):
    allowed = {
        (Account.BAG, LineKind.CLOSURE): "0+",
        (Account.BAG, LineKind.REVERSAL): "-0",
        (Account.BAG, LineKind.HOUR_ISSUED): "-",
        (Account.BAG, LineKind.HOUR_WITHDRAWN): "+",
        (Account.PURCHASED, LineKind.PURCHASE): "0+",
        (Account.PURCHASED, LineKind.CLOSURE): "-0",
        (Account.PURCHASED, LineKind.REVERSAL): "-0+",
        (Account.PURCHASED, LineKind.EXPIRY): "-",
    }
    for sign, minutes in {"-": -60, "0": 0, "+": 60}.items():
        assert may_post(account, kind, minutes=minutes) is (sign in allowed.get((account, kind), ""))
