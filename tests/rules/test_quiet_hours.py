"""Quiet hours: over midnight or not, and typed in many ways."""

from datetime import UTC, datetime

import pytest

from core.rules.quiet_hours import OFFERED, QuietHours, read_hours

NIGHT = QuietHours(22 * 60, 7 * 60)
NOON = QuietHours(12 * 60, 14 * 60)


@pytest.mark.parametrize(
    ("hours", "time", "quiet"),
    [
        (NIGHT, "21:59", False),
        (NIGHT, "22:00", True),
        (NIGHT, "00:00", True),
        (NIGHT, "06:59", True),
        (NIGHT, "07:00", False),
        (NOON, "11:59", False),
        (NOON, "13:59", True),
        (NOON, "14:00", False),
    ],
)
def test_when_it_is_quiet(hours, time, quiet):
    assert hours.holds(datetime.fromisoformat(f"2026-03-02T{time}").replace(tzinfo=UTC)) is quiet


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("22:00 a 07:00", NIGHT),
        ("de 22 a 7", NIGHT),
        ("22h00 a 7h00", NIGHT),
        ("22-7", NIGHT),
        ("from 22 to 7", NIGHT),
        ("12.00 – 14.00", NOON),
        ("20:30 a 24:00", QuietHours(20 * 60 + 30, 0)),
        ("7 a 7", None),
        ("25 a 7", None),
        ("22:75 a 7", None),
        ("nunca", None),
    ],
)
def test_hours_as_people_type_them(words, hours):
    assert read_hours(words) == hours


def test_what_is_offered_keeps_the_night_and_leaves_the_morning():
    for hours in OFFERED:
        assert hours.holds(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))
        assert not hours.holds(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
