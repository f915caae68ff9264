"""The desk's hours: what holds for every week, and the days people remember."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.i18n import Translator
from core.render.hours import holiday_words, opening_words, week_words
from core.rules.calendar import DAY, DEFAULT_WEEK, Calendar, HoursError, Span, read_spans, written_spans
from core.rules.holidays import by_law

ZONE = ZoneInfo("America/Guayaquil")
DESK = Calendar(ZONE)
SPANISH = Translator("es")
GALAPAGOS = Translator("es", "Pacific/Galapagos")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@st.composite
def days(draw) -> tuple[Span, ...]:
    ends = sorted(draw(st.sets(st.integers(0, DAY), max_size=6)))
    return tuple(Span(opens, closes) for opens, closes in zip(ends[::2], ends[1::2], strict=False))


START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * DAY).map(lambda minutes: START + timedelta(minutes=minutes))
changes = st.dictionaries(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.none() | st.just("Feriado"), max_size=5)
zones = st.sampled_from([ZONE, ZoneInfo("Pacific/Galapagos"), ZoneInfo("America/New_York")])
calendars = st.builds(Calendar, zones, st.tuples(*[days()] * 7), changes)
stretches = st.integers(0, 20 * DAY).map(lambda minutes: timedelta(minutes=minutes))
seconds = st.integers(-3 * DAY * 60, 20 * DAY * 60).map(lambda number: timedelta(seconds=number))


@given(calendars, st.lists(st.tuples(moments, seconds), max_size=6))
def test_the_minutes_of_many_are_those_of_each(calendar: Calendar, waits: list[tuple[datetime, timedelta]]) -> None:
    pairs = [(start, start + length) for start, length in waits]
    assert calendar.minutes_of(pairs) == [calendar.minutes_between(*pair) for pair in pairs]


@given(calendars, moments, stretches, stretches)
def test_office_time_adds_up_and_never_runs_backwards(calendar, start, first, second):
    between = calendar.minutes_between
    whole = between(start, start + first + second)
    assert whole == between(start, start + first) + between(start + first, start + first + second)
    assert 0 <= between(start, start + first) <= whole
    assert between(start + first, start) == 0


@given(calendars, moments, st.integers(1, 5000))
def test_minutes_added_are_the_minutes_that_have_passed(calendar, start, minutes):
    end = calendar.add_minutes(start, minutes)
    assume(end is not None)
    assert calendar.minutes_between(start, end) == minutes
    assert calendar.minutes_between(start, end - timedelta(minutes=1)) == minutes - 1


@given(calendars, moments)
def test_the_next_opening_is_the_first_one(calendar, moment):
    opening = calendar.next_opening(moment)
    assume(opening is not None)
    assert opening > moment
    assert calendar.is_open(opening)
    if not calendar.is_open(moment):
        assert calendar.minutes_between(moment, opening) == 0


@given(calendars, moments, st.integers(5, 120))
def test_one_can_be_called_in_every_slot_that_is_offered(calendar, moment, step):
    slots = calendar.slots(moment, step=step)
    assert list(slots) == sorted(set(slots))
    assert all(slot > moment and calendar.is_open(slot) for slot in slots)
    assert all(calendar.minutes_between(slot, slot + timedelta(minutes=step)) == step for slot in slots)


@given(st.integers(2018, 2040), st.integers(0, DAY - 1))
def test_the_desk_is_never_open_on_a_holiday(year, minute):
    for day in by_law(year):
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        assert not Calendar(ZONE, ((Span(0, DAY),),) * 7).is_open(midnight + timedelta(minutes=minute))


@given(days())
def test_hours_are_read_as_they_are_written(spans):
    apart = all(later.opens > earlier.closes for earlier, later in pairwise(spans))
    assume(apart)
    assert read_spans(written_spans(spans)) == spans


@pytest.mark.parametrize(
    "wrong", ["8", "8-8", "17:00-08:00", "08:00-25:00", "8:60-9", "8-12, 11-13", "ocho", "8-9-10"]
)
def test_hours_that_make_no_sense_are_refused(wrong):
    with pytest.raises(HoursError):
        read_spans(wrong)


@pytest.mark.parametrize(
    ("year", "rest"),
    [
        # as the Ministry of Tourism published them; weekends aside
        (2021, "01/01 15/02 16/02 02/04 30/04 24/05 09/08 08/10 01/11 02/11 24/12 31/12"),
        (2022, "28/02 01/03 15/04 02/05 23/05 12/08 10/10 03/11 04/11 26/12"),
        (2024, "01/01 12/02 13/02 29/03 03/05 24/05 09/08 11/10 01/11 04/11 25/12"),
        (2025, "01/01 03/03 04/03 18/04 02/05 23/05 11/08 10/10 03/11 04/11 25/12"),
    ],
)
def test_the_days_of_rest_are_those_that_were_published(year, rest):
    assert " ".join(f"{day:%d/%m}" for day in by_law(year) if day.weekday() < 5) == rest


def test_the_desk_may_decide_otherwise():
    own = Calendar(ZONE, DEFAULT_WEEK, {date(2026, 12, 24): "Cierre anual", date(2026, 12, 25): None})
    assert (own.holiday(date(2026, 12, 24)), own.holiday(date(2026, 12, 25))) == ("Cierre anual", None)
    assert own.is_open(at("2026-12-25 09:00"))
    assert not own.is_open(at("2026-12-24 09:00"))


def test_slots_are_today_and_the_next_day_of_work():
    slots = DESK.slots(at("2026-12-24 15:10"), step=60)  # Thursday; Christmas is Friday
    assert [slot.astimezone(ZONE).strftime("%d/%m %H:%M") for slot in slots][:2] == ["24/12 16:00", "28/12 08:00"]
    assert len(slots) == 1 + 9


def test_the_desk_opens_on_the_minute_and_closes_on_the_minute():
    assert [DESK.is_open(at(f"2026-11-24 {hour}")) for hour in ("07:59", "08:00", "16:59", "17:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert DESK.next_opening(at("2026-11-24 08:00")) == at("2026-11-25 08:00")


def test_a_desk_without_hours_never_opens():
    shut = Calendar(ZONE, ((),) * 7)
    assert shut.next_opening(at("2026-12-24 15:10")) is None
    assert shut.add_minutes(at("2026-12-24 15:10"), 1) is None
    assert week_words(shut, SPANISH, at=at("2026-12-24 15:10")) == "sin horario fijo"


@pytest.mark.parametrize(
    ("week", "reader", "words"),
    [
        (DEFAULT_WEEK, SPANISH, "lunes a viernes de 08:00 a 17:00"),
        (DEFAULT_WEEK, GALAPAGOS, "lunes a viernes de 07:00 a 16:00"),
        (DEFAULT_WEEK, Translator("en"), "Monday to Friday from 08:00 to 17:00"),
        (
            (*((Span(480, 720), Span(840, 1440)),) * 5, (Span(540, 720),), ()),
            SPANISH,
            "lunes a viernes de 08:00 a 12:00 y de 14:00 a 24:00; sábado de 09:00 a 12:00",
        ),
    ],
)
def test_the_hours_in_words(week, reader, words):
    assert week_words(Calendar(ZONE, week), reader, at=at("2026-11-24 10:00")) == words


@pytest.mark.parametrize(
    ("moment", "opening", "holiday"),
    [
        ("2026-11-24 10:00", "", ""),
        ("2026-11-24 06:00", "abrimos hoy a las 08:00", ""),
        ("2026-11-24 18:00", "abrimos mañana a las 08:00", ""),
        ("2026-11-27 18:00", "abrimos el lunes 30/11/2026 a las 08:00", ""),
        ("2026-12-25 10:00", "abrimos el lunes 28/12/2026 a las 08:00", "hoy es feriado: Navidad"),
        ("2026-12-24 18:00", "abrimos el lunes 28/12/2026 a las 08:00", "mañana es feriado: Navidad"),
        ("2026-12-24 12:00", "", ""),
    ],
)
def test_when_it_opens_again_in_words(moment, opening, holiday):
    assert opening_words(DESK, SPANISH, at=at(moment)) == opening
    assert holiday_words(DESK, SPANISH, at=at(moment)) == holiday
