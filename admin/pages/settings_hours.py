"""Settings: when the desk is open."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import get_day_names
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import office_hours
from core.clock import now
from core.db import WriteSession
from core.errors import DeskError, InvalidError
from core.i18n import N_
from core.models import Technician
from core.queries import hours
from core.rules.calendar import Calendar, written_spans
from core.rules.holidays import by_law

PREVIEWED = 14  # days
NAME_LIMIT = 100
YEARS_BACK, YEARS_AHEAD = 1, 3


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the list or of the preview; ``name`` of a holiday, ``by_law`` where the law has it."""

    day: date
    name: str
    hours: str = ""
    is_closed: bool = False
    by_law: bool = False


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def save_week(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    wanted = {str(weekday): form.line(str(weekday)) for weekday in range(7)}

    async def act(session: WriteSession, actor: Technician) -> None:
        await office_hours.set_week(session, actor, wanted, seen=settings.seen(form), zone=visit.t.timezone)

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, week=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse("/settings?done=hours", status_code=303)


async def save_holidays(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    year = _year(form.text("year"), visit)

    async def act(session: WriteSession, actor: Technician) -> None:
        closed = _closed(form, year)
        closed |= _added(form, closed, visit)
        seen = settings.seen(form)
        await office_hours.set_holidays(session, actor, year, closed=closed, seen=seen, zone=visit.t.timezone)

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, holidays=form.refuse(refusal, visit.t), refusal=refusal, year=year)
    return RedirectResponse(f"/settings?year={year}&done=holidays#holidays", status_code=303)


def _closed(form: Form, year: int) -> dict[date, str]:
    """The ticked dates of the list, with the names the form was shown with."""
    names = _named(form)
    law = by_law(year)
    ticked = {day for day in {*names, *law} if form.text(f"day-{day}") == "on"}
    return {day: (names.get(day) or law.get(day, ""))[:NAME_LIMIT] for day in ticked}


def _named(form: Form) -> dict[date, str]:
    """The dates of the list as it was shown."""
    try:
        return {date.fromisoformat(text): name for text, name in settings.seen(form).items()}
    except ValueError:
        return {}


def _added(form: Form, closed: dict[date, str], visit: Visit) -> dict[date, str]:
    """The day written below the list. Raises InvalidError."""
    name = form.line("name")
    if not form.line("date") and not name:
        return {}
    year = _year(form.text("year"), visit)
    day = form.moment("date", visit.t.timezone).date()
    if day.year != year:
        raise InvalidError(N_("Choose a date of %(year)s."), field="date", year=year)
    if day in closed:
        raise InvalidError(N_("This date is on the list already."), field="date")
    if not 0 < len(name) <= NAME_LIMIT:
        raise InvalidError(
            N_("Write what the day is called, in at most %(n)s characters."), field="name", n=NAME_LIMIT
        )
    return {day: name}


async def _page(
    request: Request,
    visit: Visit,
    *,
    week: Form | None = None,
    holidays: Form | None = None,
    refusal: DeskError | None = None,
    year: int | None = None,
) -> Response:
    async with visit.database.read() as session:
        calendar = await hours.calendar(session, visit.t.timezone)
    shown = year or _year(request.query_params.get("year", ""), visit)
    names = {weekday: get_day_names("wide", locale=visit.t.language)[weekday] for weekday in range(7)}
    written = hours.written_week(calendar)
    listed = hours.written_holidays(calendar, shown)
    labels = {str(weekday): name for weekday, name in names.items()} | {
        iso: f"{date.fromisoformat(iso):%d/%m/%Y}" for iso in listed
    }
    changed = settings.changed(refusal, labels)
    return settings.page(
        visit,
        "hours",
        refusal=refusal,
        week=week or Form(),
        holidays=holidays or Form(),
        week_changed=changed if week else (),
        holidays_changed=changed if holidays else (),
        written=written,
        week_seen=json.dumps(written),
        listed=_listed(listed, shown, holidays),
        holidays_seen=json.dumps(listed),
        names=names,
        year=shown,
        years=_years(visit),
        preview=_preview(calendar),
        done=request.query_params.get("done", ""),
    )


def _listed(listed: dict[str, str], year: int, form: Form | None) -> Sequence[Day]:
    """Every named date, ticked as it is stored, or as the refused form had it."""
    law = by_law(year)
    asked = {} if form is None else _named(form)
    days = []
    for iso, name in listed.items():
        day = date.fromisoformat(iso)
        is_closed = form.text(f"day-{iso}") == "on" if form is not None and day in asked else bool(name)
        days.append(Day(day, name or law.get(day, ""), is_closed=is_closed, by_law=day in law))
    return days


def _preview(calendar: Calendar) -> Sequence[Day]:
    today = calendar.date_of(now())
    days = [today + timedelta(days=offset) for offset in range(PREVIEWED)]
    return [Day(day, calendar.holiday(day) or "", hours=written_spans(calendar.hours_on(day))) for day in days]


def _years(visit: Visit) -> Sequence[int]:
    today = now().astimezone(visit.t.timezone).year
    return range(today - YEARS_BACK, today + YEARS_AHEAD + 1)


def _year(text: str, visit: Visit) -> int:
    """The year asked for, this one where it makes no sense."""
    years = _years(visit)
    year = forms.whole(text)
    return year if year is not None and year in years else years[YEARS_BACK]
