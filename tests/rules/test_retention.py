"""Which backups stay, as a grid of cases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.retention import is_due, to_drop

NOON = datetime(2026, 3, 4, 12, 5, tzinfo=UTC)  # a Wednesday


def hourly_back(hours: int) -> list[datetime]:
    return [NOON - timedelta(hours=number) for number in range(hours)]


def kept(made: list[datetime], hourly: int, daily: int, weekly: int) -> list[str]:
    dropped = to_drop(made, hourly=hourly, daily=daily, weekly=weekly)
    return [f"{moment:%d.%m %H}" for moment in sorted(set(made) - dropped, reverse=True)]


@pytest.mark.parametrize(
    ("keep", "hours", "expected"),
    [
        # nothing asked for: the newest stays all the same
        ((0, 0, 0), 5, ["04.03 12"]),
        ((3, 0, 0), 5, ["04.03 12", "04.03 11", "04.03 10"]),
        # the newest of each day
        ((0, 2, 0), 30, ["04.03 12", "03.03 23"]),
        # the newest of each ISO week: weeks end on Sunday
        ((0, 0, 3), 24 * 12, ["04.03 12", "01.03 23", "22.02 23"]),
        # one backup may stand for its hour, its day and its week
        ((2, 2, 2), 24 * 12, ["04.03 12", "04.03 11", "03.03 23", "01.03 23"]),
        # fewer than asked for: all stay
        ((24, 7, 5), 3, ["04.03 12", "04.03 11", "04.03 10"]),
    ],
)
def test_the_newest_of_each_period_stays(keep: tuple[int, int, int], hours: int, expected: list[str]):
    assert kept(hourly_back(hours), *keep) == expected


def test_two_of_one_hour_count_once():
    made = [NOON, NOON + timedelta(minutes=20), NOON - timedelta(hours=1)]
    assert to_drop(made, hourly=2, daily=0, weekly=0) == {NOON}


def test_after_a_pause_the_last_ones_before_it_stay():
    old = [moment - timedelta(days=90) for moment in hourly_back(3)]
    assert to_drop([NOON, *old], hourly=3, daily=1, weekly=1) == {old[2]}


@given(
    st.sets(st.integers(0, 150 * 24 * 60).map(lambda minutes: NOON - timedelta(minutes=minutes)), max_size=60),
    st.tuples(st.integers(0, 30), st.integers(0, 10), st.integers(0, 10)),
)
def test_dropping_twice_is_dropping_once(made: set[datetime], keep: tuple[int, int, int]):
    names = dict(zip(("hourly", "daily", "weekly"), keep, strict=True))
    left = made - to_drop(made, **names)
    assert to_drop(left, **names) == set()
    assert len(left) <= max(sum(keep), 1)
    assert not made or max(made) in left


@pytest.mark.parametrize(
    ("minutes_ago", "is_so"),
    [([], True), ([4], False), ([5], False), ([6], True), ([70, 130], True), ([-30], False), ([-120], True)],
)
def test_a_backup_is_due_once_in_each_hour(minutes_ago: list[int], is_so: bool):
    assert is_due([NOON - timedelta(minutes=minutes) for minutes in minutes_ago], NOON) is is_so
