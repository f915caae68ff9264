"""The queue: everything that selects tickets stands in the address."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import live
from admin.forms import Form
from admin.pages import filters, search
from admin.panel import Visit
from core.clock import now
from core.db import ReadSession
from core.queries import appointments, changes, hours, queue, strips, views
from core.queries.queue import Line
from core.rules.states import State, WaitingFor

COUNTED = timedelta(days=45)  # of a longer wait the date says enough


async def show(request: Request, visit: Visit) -> Response:
    if request.query_params.get("q", "").strip():
        return await search.results(request, visit, filters.read(request.query_params))
    return await page(request, visit)


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, loaded again or kept as a bookmark: the queue with its filters is meant."""
    return RedirectResponse(filters.address(request.url.query), status_code=303)


async def page(
    request: Request,
    visit: Visit,
    *,
    status: int = 200,
    bulk_form: Form | None = None,
    view_form: Form | None = None,
    result: object = None,
) -> Response:
    """The queue as the address asks for it; a form that was refused comes back with what was typed."""
    wanted = filters.read(request.query_params)
    async with visit.database.read() as session:
        stamp = await changes.of_queue(session)  # first: what comes meanwhile is told later
        shown = await queue.page(session, wanted, actor=visit.technician)
        context = await _read(session, visit, shown.lines)
    return visit.page(
        "queue/page.html",
        status=status,
        stamps={live.QUEUE: stamp},
        page=shown,
        wanted=wanted,
        bulk_form=bulk_form or Form(),
        view_form=view_form or Form(),
        result=result,
        here_now=filters.address(request.url.query),
        **context,
        **filters.shown(request.query_params),
    )


async def _read(session: ReadSession, visit: Visit, lines: Sequence[Line]) -> dict[str, Any]:
    moment = now()
    own = await views.of(session, visit.technician)
    found = {
        view.id: await queue.count(session, filters.read(QueryParams(view.query)), actor=visit.technician)
        for view in own
    }
    calendar = await hours.calendar(session, visit.t.timezone)

    def waited(line: Line) -> int | None:
        """Minutes of office time the customer has waited."""
        is_counted = line.waiting_for is WaitingFor.DESK and moment - line.since < COUNTED
        return calendar.minutes_between(line.since, moment) if is_counted else None

    return {
        "views": own,
        "found": found,
        "waited": waited,
        "is_due": _is_due(moment, calendar.date_of),
        "counts": await queue.counts(session),
        "count_limit": queue.COUNT_LIMIT,
        **await filters.choices(session),
        "agreed": await appointments.agreed(session, [line.ticket for line in lines]),
        "moment": moment,
        **vars(await strips.above_the_queue(session, at=moment)),
    }


def _is_due(moment: datetime, date_of: Callable[[datetime], Any]) -> Callable[[Line], bool]:
    """Whether the reminder of a pending ticket comes today or came before."""

    def is_due(line: Line) -> bool:
        remind_at = line.ticket.remind_at if line.ticket.state is State.PENDING else None
        return remind_at is not None and bool(date_of(remind_at) <= date_of(moment))

    return is_due
