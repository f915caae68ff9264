"""The times a call is offered at, and when a request is said again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from core.i18n import Translator
from core.render.requests import slot_words
from core.rules.calendar import Calendar, Span
from core.rules.calls import CallOutcome
from core.rules.requests import ASKED_AFTER_CALL, OFFERED, Asks, is_slot, next_reminder, slots
from tests.rules.test_calendar import DESK, GALAPAGOS, SPANISH, ZONE, at, calendars, moments

NEVER = Calendar(ZONE, ((),) * 7)


def shown(calendar: Calendar, moment: str) -> list[str]:
    return [f"{slot.astimezone(ZONE):%d/%m %H:%M}" for slot in slots(calendar, at(moment))]


def test_in_the_morning_there_are_times_of_today_and_tomorrow():
    assert shown(DESK, "2026-12-01 07:00") == [
        *("01/12 08:00", "01/12 12:00", "01/12 16:00"),
        *("02/12 08:00", "02/12 12:00", "02/12 16:00"),
    ]


def test_at_the_end_of_the_day_most_are_of_the_next_one():
    assert shown(DESK, "2026-12-01 15:10")[:2] == ["01/12 16:00", "02/12 08:00"]
    assert len(shown(DESK, "2026-12-01 15:10")) == OFFERED


def test_nobody_is_offered_a_time_that_is_over_before_the_push_is_read():
    assert shown(DESK, "2026-12-01 15:50")[0] == "02/12 08:00"


def test_holidays_and_weekends_have_none():
    days = {slot[:5] for slot in shown(DESK, "2026-12-24 17:30")}  # Thursday; Christmas is Friday
    assert days == {"28/12", "29/12"}


def test_a_short_day_still_gives_what_it_has():
    saturday = Calendar(ZONE, (*((),) * 5, (Span(9 * 60, 11 * 60),), ()))
    assert shown(saturday, "2026-12-01 10:00") == ["05/12 09:00", "05/12 10:00", "12/12 09:00", "12/12 10:00"]


def test_a_desk_that_never_opens_offers_nothing_and_reminds_nobody():
    assert slots(NEVER, at("2026-12-01 10:00")) == []
    assert next_reminder(NEVER, at("2026-12-01 10:00"), sent=0) is None


def test_in_galapagos_the_same_time_is_said_an_hour_earlier():
    moment = slots(DESK, at("2026-12-01 07:00"))[0]
    assert slot_words(moment, SPANISH) == "martes 01/12, 08:00"
    assert slot_words(moment, GALAPAGOS) == "martes 01/12, 07:00"
    assert slot_words(moment, Translator("en")) == "Tuesday 01/12, 08:00"


@given(calendars, moments)
def test_what_is_offered_can_be_promised(calendar: Calendar, moment: datetime):
    offered = slots(calendar, moment)
    assert len(offered) <= OFFERED
    assert list(offered) == sorted(set(offered))
    for slot in offered:
        assert slot > moment
        assert calendar.is_open(slot)


@pytest.mark.parametrize("wanted", ["2026-12-01 09:00", "2026-12-06 10:00", "2027-12-01 10:00", "2026-12-01 17:00"])
def test_a_forged_or_old_time_is_no_slot(wanted: str):
    assert not is_slot(DESK, at(wanted), at=at("2026-12-01 10:00"))


def test_reminders_keep_office_hours_and_are_two():
    asked = at("2026-12-24 15:00").astimezone(UTC)
    first = next_reminder(DESK, asked, sent=0)
    assert first == at("2026-12-28 10:00")
    second = next_reminder(DESK, first, sent=1)
    assert second == at("2026-12-29 10:00")
    assert next_reminder(DESK, second, sent=2) is None


def test_a_reminder_due_as_the_desk_closes_waits_for_the_morning():
    assert next_reminder(DESK, at("2026-12-01 13:00"), sent=0) == at("2026-12-02 08:00")


@given(calendars, moments)
def test_every_reminder_falls_into_office_hours(calendar: Calendar, moment: datetime):
    for sent in range(3):
        due = next_reminder(calendar, moment, sent=sent)
        assert due is None or (due > moment - timedelta(minutes=1) and calendar.is_open(due))


def test_every_outcome_but_a_connection_asks_for_something():
    assert set(ASKED_AFTER_CALL) == set(CallOutcome) - {CallOutcome.CONNECTED}
    assert ASKED_AFTER_CALL[CallOutcome.WRONG_NUMBER] is Asks.OTHER
