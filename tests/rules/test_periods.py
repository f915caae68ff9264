"""Ranges of dates: whole days by the desk's clock, counted in steps a chart can show apart."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.rules.periods import LONGEST, Period, Step, month, month_before, month_of, period

ZONE = ZoneInfo("America/Guayaquil")


def days(first: str, last: str) -> Period:
    return period(date.fromisoformat(first), date.fromisoformat(last), ZONE)


def test_a_day_begins_at_the_desks_midnight() -> None:
    span = days("2026-10-05", "2026-10-05")
    assert (span.start, span.end) == (datetime(2026, 10, 5, 5, tzinfo=UTC), datetime(2026, 10, 6, 5, tzinfo=UTC))


def test_dates_given_the_wrong_way_round_are_turned() -> None:
    assert days("2026-10-07", "2026-10-05") == days("2026-10-05", "2026-10-07")


def test_nobody_asks_for_a_century() -> None:
    assert days("1990-01-01", "2026-10-05").first.year == 2021


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    span = days("2026-10-07", "2026-11-10")
    assert [day.isoformat() for day in span.steps(Step.WEEK)][:2] == ["2026-10-05", "2026-10-12"]
    assert [day.isoformat() for day in span.steps(Step.MONTH)] == ["2026-10-01", "2026-11-01"]
    assert len(span.steps(Step.DAY)) == 35


@pytest.mark.parametrize(
    ("last", "wished", "step"),
    [
        ("2026-01-20", None, Step.DAY),
        ("2026-03-31", None, Step.WEEK),
        ("2026-12-31", None, Step.MONTH),
        ("2026-02-28", Step.DAY, Step.DAY),
        ("2026-12-31", Step.DAY, Step.WEEK),
        ("2026-01-20", Step.MONTH, Step.MONTH),
    ],
)
def test_a_range_is_counted_in_steps_that_can_be_told_apart(last: str, wished: Step | None, step: Step) -> None:
    span = days("2026-01-01", last)
    assert span.fitting(wished) is step
    assert len(span.steps(span.fitting(wished))) <= LONGEST


@pytest.mark.parametrize(
    ("text", "last"), [("2026-11", "2026-11-30"), ("2028-02", "2028-02-29"), ("2026-12", "2026-12-31")]
)
def test_a_month_is_whole(text: str, last: str) -> None:
    span = month(text, ZONE)
    assert span is not None
    assert (f"{span.first:%Y-%m-%d}", span.last.isoformat()) == (f"{text}-01", last)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "26-11", "2026-1", "2026/11", "١٢٣٤-11", "1999-12", "2026-11-01"]
)
def test_what_is_no_month_is_none(text: str) -> None:
    assert month(text, ZONE) is None


def test_the_month_of_a_moment_is_that_of_the_desks_clock() -> None:
    assert month_of(datetime(2026, 11, 1, 4, 59, tzinfo=UTC), ZONE) == month("2026-10", ZONE)
    assert month_before(date(2026, 1, 31)) == date(2025, 12, 1)
