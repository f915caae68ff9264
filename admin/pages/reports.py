"""Reports: what the desk did in a range of dates, drawn and counted, and as a spreadsheet."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from admin.errors import status_of, text_of
from admin.panel import Visit
from core.actions import exports
from core.clock import now
from core.i18n import N_, Translator
from core.models import Company, Technician
from core.queries import hours, naming, staff
from core.queries import reports as found
from core.queries.reports import Figures, Minutes, Question, Waits, Whom
from core.render import charts, sheets
from core.render.charts import Chart, Series
from core.render.words import SERVICE_WORDS, STATE_WORDS
from core.rules.periods import Period, Preset, Step, day_of, period
from core.rules.services import Service
from core.rules.states import State

PRESET_WORDS: Mapping[Preset, str] = {
    Preset.WEEK: N_("Last 7 days"),
    Preset.MONTH: N_("Last 30 days"),
    Preset.QUARTER: N_("Last 90 days"),
    Preset.YEAR: N_("Last 365 days"),
}
STEP_WORDS: Mapping[Step, str] = {Step.DAY: N_("by day"), Step.WEEK: N_("by week"), Step.MONTH: N_("by month")}
WHOM_WORDS: Mapping[Whom, str] = {
    Whom.TECHNICIAN: N_("Minutes by technician"),
    Whom.SERVICE: N_("Minutes by service"),
    Whom.COMPANY: N_("Minutes by company"),
}
SHARED = (Step.DAY, Step.WEEK)  # steps whose label is a day


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart under its title, and in one sentence what it says; ``means``: what is counted, where it is not plain.

    ``beside``: numbers of the table that are not drawn.
    """

    name: str
    title: str
    says: str
    chart: Chart
    head: str
    means: str = ""
    beside: Sequence[Series] = ()

    @property
    def columns(self) -> Sequence[Series]:
        return [*self.chart.series, *self.beside]

    @property
    def is_empty(self) -> bool:
        return self.chart.is_empty and not any(any(one.values) for one in self.beside)


async def show(request: Request, visit: Visit) -> Response:
    typed = _typed(request, "company", 100)
    async with visit.database.read() as session:
        technicians = await staff.everybody(session)
        found = await naming.meant(session, typed)
    asked = _asked(request, visit, found.company)
    problem = naming.refusal(found, typed) if typed and found.company is None else None
    return visit.page(
        "reports/page.html",
        status=status_of(problem) if problem else 200,
        question=asked,
        typed=typed,
        found=found,
        problem=text_of(problem, visit.t) if problem else "",
        drawn=() if problem else list(_drawn(*await _figures(visit, asked), asked, visit.t)),
        csv="/reports.csv?" + urlencode(dict(request.query_params)),
        with_company=lambda company: _address(request, company=company.ruc),
        presets=_presets(request, visit),
        steps={step: visit.t(words) for step, words in STEP_WORDS.items()},
        services=SERVICE_WORDS,
        technicians=technicians,
        step=request.query_params.get("step", ""),
    )


async def as_csv(request: Request, visit: Visit) -> Response:
    """Every table of the page, one under the other. Raises InvalidError where the company is none or several."""
    typed = _typed(request, "company", 100)
    async with visit.database.read() as session:
        found = await naming.meant(session, typed)
    if typed and found.company is None:
        raise naming.refusal(found, typed)
    asked = _asked(request, visit, found.company)
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        await exports.note(session, actor, "reports", asked=request.url.query)
    rows: list[sheets.Row] = []
    for drawn in _drawn(*await _figures(visit, asked), asked, visit.t):
        rows += [[drawn.title], [drawn.head, *(one.name for one in drawn.columns)]]
        for place, label in enumerate(drawn.chart.labels):
            values = [one.values[place] for one in drawn.columns]
            rows.append([label, *("" if value is None else value for value in values)])
        rows.append([])
    name = f"informes-{asked.period.first.isoformat()}-{asked.period.last.isoformat()}.csv"
    return sheet(sheets.as_csv(rows), name)


def sheet(content: bytes, name: str) -> Response:
    """A CSV to be saved under this name, which is ours: letters, digits, dots."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _typed(request: Request, name: str, longest: int) -> str:
    return request.query_params.get(name, "").replace("\x00", "").strip()[:longest]


def _asked(request: Request, visit: Visit, company: Company | None) -> Question:
    """What the address asks for; what it says wrongly, but for the company, is as if it were not said."""
    params = request.query_params
    wished, service = params.get("step", ""), params.get("service", "")
    span = _period(params, visit)
    return Question(
        span,
        span.fitting(Step(wished) if wished in set(Step) else None),
        Service(service) if service in set(Service) else None,
        company.id if company else None,
        _typed(request, "technician", 64) or None,
    )


def _period(params: Mapping[str, str], visit: Visit) -> Period:
    zone = visit.t.timezone
    today = now().astimezone(zone).date()
    first, last = day_of(params.get("from", "")), day_of(params.get("to", ""))
    if first or last:
        last = last or today
        return period(first or last - timedelta(days=29), last, zone)
    days = params.get("days", "")
    days = days if days in set(Preset) else Preset.MONTH
    return period(today - timedelta(days=int(days) - 1), today, zone)


def _presets(request: Request, visit: Visit) -> Sequence[tuple[str, str, bool]]:
    """Words, address and whether it is shown, of each range without dates."""
    params = dict(request.query_params)
    has_dates = bool(day_of(params.pop("from", "")) or day_of(params.pop("to", "")))
    days = params.get("days", Preset.MONTH)
    return [
        (visit.t(words), "/reports?" + urlencode({**params, "days": preset}), not has_dates and days == preset)
        for preset, words in PRESET_WORDS.items()
    ]


def _address(request: Request, **changes: str) -> str:
    return "/reports?" + urlencode({**request.query_params, **changes})


async def _figures(visit: Visit, asked: Question) -> tuple[Figures, Waits, Waits]:
    async with visit.database.read() as session:
        figures = await found.figures(session, asked)
        calendar = await hours.calendar(session, visit.t.timezone)
    # thousands of tickets through the calendar take a moment nobody else should wait for
    moments = figures.moments
    response = await asyncio.to_thread(found.waits, moments.responses, asked, calendar, by=0)
    return figures, response, await asyncio.to_thread(found.waits, moments.resolutions, asked, calendar, by=1)


def _drawn(figures: Figures, response: Waits, resolution: Waits, asked: Question, t: Translator) -> Iterator[Drawn]:
    labels = [day.strftime("%d/%m/%y" if asked.step in SHARED else "%m/%Y") for day in figures.steps]
    head = {Step.DAY: t("Day"), Step.WEEK: t("Week from"), Step.MONTH: t("Month")}[asked.step]
    opened = Series(t("Tickets opened"), figures.opened)
    total = sum(figures.opened)
    yield Drawn(
        "volume",
        t("Tickets opened"),
        t.plural("%(n)s ticket was opened.", "%(n)s tickets were opened.", total),
        charts.stacked(labels, [opened]),
        head,
    )
    yield _response(figures, response, labels, head, t)
    solved = t(
        "From the opening of a ticket to the closing that stands; one that was reopened counts until it was closed"
        " again. A closing reclassified later keeps its moment."
    )
    yield replace(_wait("resolution", t("Resolution, office minutes"), resolution, labels, head, t), means=solved)
    kinds = [Series(t(STATE_WORDS[State(kind.value)]), numbers) for kind, numbers in figures.closed.items()]
    closings = sum(sum(numbers) for numbers in figures.closed.values())
    yield Drawn(
        "closures",
        t("Closings by kind"),
        t.plural("%(n)s closing.", "%(n)s closings.", closings),
        charts.stacked(labels, kinds),
        head,
    )
    yield _ratings(figures.stars, t)
    worked = _worked(figures.minutes[Whom.SERVICE], t)  # the services are never so many that some are left out
    for whom, lines in figures.minutes.items():
        names = [t(SERVICE_WORDS[Service(one.name)]) if whom is Whom.SERVICE else one.name for one in lines]
        series = [
            Series(t("Actual minutes"), [one.real for one in lines]),
            Series(t("Charged minutes"), [one.charged for one in lines]),
        ]
        yield Drawn(whom, t(WHOM_WORDS[whom]), worked, charts.rows(names, series), t("Name"))


def _worked(lines: Sequence[Minutes], t: Translator) -> str:
    real, charged = sum(line.real for line in lines), sum(line.charged for line in lines)
    return t("%(real)s worked, %(charged)s charged.", real=t.minutes(real), charged=t.minutes(charged))


def _response(figures: Figures, waits: Waits, labels: Sequence[str], head: str, t: Translator) -> Drawn:
    """The median is of those who had an answer: how many had none stands beside it."""
    drawn = _wait("response", t("First response, office minutes"), waits, labels, head, t)
    count = sum(figures.unanswered)
    waiting = t.plural("%(n)s ticket has had no answer yet.", "%(n)s tickets have had no answer yet.", count)
    means = t(
        "Of tickets opened by customers: until a technician first writes to them, reaches them by telephone or"
        " closes the ticket. The message after a call that failed is no answer."
    )
    return replace(
        drawn,
        says=f"{drawn.says} {waiting}".strip() if count else drawn.says,
        means=means,
        beside=[Series(t("Without an answer yet"), figures.unanswered)],
    )


def _wait(name: str, title: str, waits: Waits, labels: Sequence[str], head: str, t: Translator) -> Drawn:
    says = (
        t.plural(
            "Half of them within %(half)s: %(n)s ticket.",
            "Half of them within %(half)s: %(n)s tickets.",
            waits.count,
            half=t.minutes(waits.median),
        )
        if waits.median is not None
        else ""
    )
    return Drawn(name, title, says, charts.lined(labels, [Series(t("Median"), waits.by_step)]), head)


def _ratings(stars: Mapping[int, int], t: Translator) -> Drawn:
    count = sum(stars.values())
    mean = sum(number * times for number, times in stars.items()) / count if count else 0
    says = (
        t.plural(
            "%(mean)s of 5 on average, %(n)s rating.",
            "%(mean)s of 5 on average, %(n)s ratings.",
            count,
            mean=f"{mean:.1f}".replace(".", ","),
        )
        if count
        else ""
    )
    chart = charts.stacked([str(number) for number in stars], [Series(t("Ratings"), list(stars.values()))])
    return Drawn("ratings", t("Ratings, 1 to 5"), says, chart, t("Stars"))
