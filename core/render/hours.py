"""When the desk is open, in words for a customer, at the customer's own time."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby

from babel.dates import get_day_names

from core.i18n import Translator
from core.rules.calendar import DAY, Calendar, clock

Shown = tuple[tuple[str, str], ...]  # "08:00", "17:00"


def week_words(calendar: Calendar, t: Translator, *, at: datetime) -> str:
    """``lunes a viernes de 08:00 a 17:00; sábado de 09:00 a 12:00``; ``at`` says which week's clocks hold."""
    days = _shown_week(calendar, t, at)
    names = get_day_names("wide", locale=t.language)
    parts = []
    for hours, group in groupby(range(7), key=days.__getitem__):
        run = list(group)
        if hours:
            who = names[run[0]]
            if len(run) > 1:
                who = t("%(first)s to %(last)s", first=names[run[0]], last=names[run[-1]])
            parts.append(f"{who} {_hours_words(hours, t)}")
    return "; ".join(parts) or t("no fixed hours")


def opening_words(calendar: Calendar, t: Translator, *, at: datetime) -> str:
    """``abrimos mañana a las 08:00``; empty while the desk is open, and where it never opens."""
    opening = calendar.next_opening(at)
    if calendar.is_open(at) or opening is None:
        return ""
    days = (opening.astimezone(t.timezone).date() - at.astimezone(t.timezone).date()).days
    hour = t.time(opening)
    if days == 0:
        return t("we open today at %(hour)s", hour=hour)
    if days == 1:
        return t("we open tomorrow at %(hour)s", hour=hour)
    weekday = get_day_names("wide", locale=t.language)[opening.astimezone(t.timezone).weekday()]
    return t("we open on %(weekday)s %(date)s at %(hour)s", weekday=weekday, date=t.date(opening), hour=hour)


def holiday_words(calendar: Calendar, t: Translator, *, at: datetime) -> str:
    """``hoy es feriado: Navidad``, or of tomorrow where the desk is closed already; else empty."""
    today = calendar.date_of(at)
    name = calendar.holiday(today)
    if name is not None:
        return t("today is a holiday: %(name)s", name=name)
    opening = calendar.next_opening(at)
    is_over = opening is None or calendar.date_of(opening) != today
    name = calendar.holiday(today + timedelta(days=1))
    if name is not None and is_over and not calendar.is_open(at):
        return t("tomorrow is a holiday: %(name)s", name=name)
    return ""


def _shown_week(calendar: Calendar, t: Translator, at: datetime) -> Sequence[Shown]:
    """The hours of each weekday on the reader's clock: in Galápagos it is an hour earlier."""
    monday = calendar.date_of(at) - timedelta(days=calendar.date_of(at).weekday())
    days: list[list[tuple[str, str]]] = [[] for _ in range(7)]
    for weekday, spans in enumerate(calendar.week):
        midnight = datetime.combine(monday + timedelta(days=weekday), time(), calendar.zone)
        for span in spans:
            opens = (midnight + timedelta(minutes=span.opens)).astimezone(UTC).astimezone(t.timezone)
            minute = opens.hour * 60 + opens.minute
            closes = minute + span.closes - span.opens
            days[opens.weekday()].append((clock(minute), clock(closes if closes <= DAY else closes - DAY)))
    return [tuple(day) for day in days]


def _hours_words(hours: Shown, t: Translator) -> str:
    parts = [t("from %(opens)s to %(closes)s", opens=opens, closes=closes) for opens, closes in hours]
    return t(" and ").join(parts)
