"""The throttles of the log-in: slower and slower, never locked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.identity import ACCOUNT_WAIT, account_wait, login_wait, place_of, ruc_wait

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NONE = timedelta()


def after(minutes):
    return NOON + timedelta(minutes=minutes)


def burst(count, *, at=0.0):
    return [after(at)] * count


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10, 15), (500, 15)],
)
def test_five_failures_are_free_then_waits_grow(failures, minutes):
    assert login_wait(burst(failures), NOON) == timedelta(minutes=minutes)


def test_a_wait_passes():
    tries = burst(5)
    assert login_wait(tries, after(0.5)) == timedelta(seconds=30)
    assert login_wait(tries, after(1)) == NONE
    assert login_wait(tries, after(600)) == NONE


@pytest.mark.parametrize(("last", "minutes"), [(15, 1), (15.01, 0)])
def test_the_five_are_counted_within_fifteen_minutes(last, minutes):
    assert login_wait([*burst(4), after(last)], after(last)) == timedelta(minutes=minutes)


def test_who_tries_after_every_wait_gets_four_an_hour():
    tries, now = burst(5), NOON
    while now < after(24 * 60):
        now += login_wait(tries, now)
        tries.append(now)
    assert sum(after(23 * 60) < at <= after(24 * 60) for at in tries) == 4


@pytest.mark.parametrize(("quiet", "minutes"), [(29, 2), (30, 0)])
def test_half_an_hour_of_quiet_starts_anew(quiet, minutes):
    assert login_wait([*burst(5), after(quiet)], after(quiet)) == timedelta(minutes=minutes)


@given(st.lists(st.integers(-3000, 3000), max_size=40), st.integers(-3000, 3000))
def test_no_wait_is_longer_than_fifteen_minutes_and_order_does_not_matter(minutes, now):
    tries = [after(minute) for minute in minutes]
    wait = login_wait(tries, after(now))
    assert NONE <= wait <= timedelta(minutes=15)
    assert wait == login_wait(tries[::-1], after(now))


@pytest.mark.parametrize("count", range(15))
def test_ten_an_hour_for_one_ruc(count):
    tries = [after(minute) for minute in range(count)]
    now = after(30)
    expected = timedelta(minutes=60 - 30 + count - 10) if count >= 10 else NONE
    assert ruc_wait(tries, count, now) == expected
    assert ruc_wait(tries, count, now + expected) == NONE


@pytest.mark.parametrize(("in_a_row", "wait"), [(99, 0), (100, 40), (101, 40), (10_000, 40)])
def test_after_a_hundred_in_a_row_one_an_hour(in_a_row, wait):
    assert ruc_wait([after(0)], in_a_row, after(20)) == timedelta(minutes=wait)
    assert ruc_wait([after(0)], in_a_row, after(60)) == NONE
    assert ruc_wait([], in_a_row, after(20)) == NONE


@given(st.lists(st.integers(-300, 300), max_size=40), st.integers(0, 300), st.integers(-300, 300))
def test_a_ruc_is_throttled_and_never_locked(minutes, in_a_row, now):
    tries = [after(minute) for minute in minutes]
    wait = ruc_wait(tries, in_a_row, after(now))
    assert NONE <= wait <= timedelta(hours=1)
    assert ruc_wait(tries, in_a_row, after(1000)) == NONE


@pytest.mark.parametrize(("count", "wait"), [(0, NONE), (19, NONE), (20, ACCOUNT_WAIT), (500, ACCOUNT_WAIT)])
def test_an_account_that_is_guessed_from_everywhere_is_tried_every_two_minutes(count, wait):
    assert account_wait(burst(count), NOON) == wait


def test_the_next_try_of_such_an_account_comes_two_minutes_after_the_last():
    tries = [*burst(30), after(10)]
    assert account_wait(tries, after(11)) == timedelta(minutes=1)
    assert account_wait(tries, after(12)) == NONE


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::7", "2001:DB8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "localhost", False),
        ("2001:db8:1:2::7", place_of("2001:db8:1:2::7"), True),
    ],
)
def test_the_addresses_one_customer_of_a_provider_can_choose_from_are_one_place(one, other, is_same):
    assert (place_of(one) == place_of(other)) is is_same
