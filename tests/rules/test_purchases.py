"""Purchased hours: the oldest are used first, dated ones leave by a line, and no minute is lost or made."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.rules.ledger import LineKind
from core.rules.purchases import Lot, Movement, expired, has_crossed, lots

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def bought(number, minutes, *, days=None):
    return Movement(number, LineKind.PURCHASE, minutes, expires_at=NOON + timedelta(days=days) if days else None)


def used(number, minutes, closure):
    return Movement(number, LineKind.CLOSURE, -minutes, closure_id=closure)


def test_the_oldest_purchase_is_used_first():
    left, owed = lots([bought(1, 60), bought(2, 60), used(3, 80, closure=7)])
    assert [lot.minutes for lot in left] == [0, 40]
    assert owed == 0


def test_an_overdraft_is_covered_by_the_next_purchase():
    left, owed = lots([bought(1, 60), used(2, 80, closure=7)])
    assert ([lot.minutes for lot in left], owed) == ([0], 20)
    left, owed = lots([bought(1, 60), used(2, 80, closure=7), bought(3, 60)])
    assert ([lot.minutes for lot in left], owed) == ([0, 40], 0)


def test_a_reversal_gives_back_to_the_purchases_it_came_from():
    lines = [bought(1, 60), bought(2, 60), used(3, 80, closure=7), used(4, 10, closure=8)]
    left, _ = lots([*lines, Movement(5, LineKind.REVERSAL, 80, closure_id=7)])
    assert [lot.minutes for lot in left] == [60, 50]


def test_only_dated_minutes_that_are_left_expire():
    left, _ = lots([bought(1, 60, days=1), bought(2, 60), used(3, 20, closure=7)])
    assert expired(left, NOON) == []
    assert expired(left, NOON + timedelta(days=1)) == [Lot(1, 40, NOON + timedelta(days=1))]
    left, _ = lots([bought(1, 60, days=1), Movement(2, LineKind.EXPIRY, -60, purchase_id=1)])
    assert expired(left, NOON + timedelta(days=2)) == []


@given(st.lists(st.tuples(st.sampled_from(["buy", "use", "undo"]), st.integers(0, 200)), max_size=30))
def test_what_is_left_less_what_is_owed_is_the_balance(moves):
    lines, open_uses = [], {}
    for number, (move, minutes) in enumerate(moves, start=1):
        if move == "buy":
            lines.append(bought(number, minutes))
        elif move == "use":
            open_uses[number] = minutes
            lines.append(used(number, minutes, closure=number))
        elif open_uses:
            closure, back = open_uses.popitem()
            lines.append(Movement(number, LineKind.REVERSAL, back, closure_id=closure))
        left, owed = lots(lines)
        assert sum(lot.minutes for lot in left) - owed == sum(line.minutes for line in lines)
        assert all(lot.minutes >= 0 for lot in left)
        assert not owed or not any(lot.minutes for lot in left)


def test_the_oldest_debt_is_covered_first_and_a_reversed_one_not_at_all():
    lines = [used(1, 30, closure=7), used(2, 30, closure=8), used(3, 30, closure=9)]
    lines += [Movement(4, LineKind.REVERSAL, 30, closure_id=7), bought(5, 40)]
    assert lots(lines) == ([Lot(5, 0, None)], 20)
    back = Movement(7, LineKind.REVERSAL, 30, closure_id=8)
    left, owed = lots([*lines, bought(6, 40), back])
    assert ([lot.minutes for lot in left], owed) == ([30, 20], 0), "it had all of its minutes from the first purchase"
    left, owed = lots([*lines, back])
    assert ([lot.minutes for lot in left], owed) == ([10], 0), "what it gives back covers what is still owed"


def test_a_long_life_is_read_in_the_time_its_lines_take():
    """Three thousand overdrafts and purchases: counted anew at each line they were 10¹⁰ steps."""
    lines = [used(number, 7, closure=number) for number in range(1, 3001)]
    lines += [bought(number, 8) for number in range(3001, 6001)]
    lines += [Movement(6000 + number, LineKind.REVERSAL, 7, closure_id=number) for number in range(1, 3001)]
    left, owed = lots(lines)
    assert (sum(lot.minutes for lot in left), owed) == (24_000, 0)


def test_the_low_balance_is_told_once_per_crossing():
    assert has_crossed(130, 120, 120)
    assert not has_crossed(120, 60, 120)
    assert has_crossed(90, 0, 120)  # it never had more than the threshold
    assert has_crossed(90, -10, 120)
    assert not has_crossed(0, -10, 120)
    assert not has_crossed(None, None, 120)
