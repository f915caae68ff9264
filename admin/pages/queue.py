"""The queue: everything that selects tickets stands in the address."""

from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import live
from admin.forms import Form
from admin.pages import filters, lines, search
from admin.panel import Visit
from core.clock import now
from core.db import ReadSession
from core.queries import appointments, glance, hours, queue, strips, views
from core.queries.glance import OfQueue

BESIDE = (*filters.CHOICES, hours.HOURS)


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
    wanted, moment, bulk_form = filters.read(request.query_params), now(), bulk_form or Form()
    may_act = any(map(visit.may, ("take", "assign", "set_pending")))
    async with visit.reading() as session:
        first = queue.first(wanted, actor=visit.technician)
        seen = await glance.of_queue(
            session, visit.technician, at=moment, beside=(*BESIDE, first.question), asked_with=first.wanted
        )
        shown = await queue.page(session, wanted, actor=visit.technician, answers=seen.answers)
        context = await _read(session, visit, seen, moment)
        calls = await appointments.agreed(session, [line.ticket.id for line in shown.lines]) if seen.has_calls else {}
    return visit.page(
        "queue/page.html",
        status=status,
        stamps={live.QUEUE: seen.stamp},
        may_act=may_act,
        lines=lines.draw(
            visit,
            shown.lines,
            place=filters.address(request.url.query).removeprefix("/"),
            moment=moment,
            calendar=hours.calendar_of(seen.answers[hours.HOURS], visit.t.timezone),
            agreed=calls,
            chosen=bulk_form.chosen if may_act else None,
        ),
        next=shown.next,
        previous=shown.previous,
        wanted=wanted,
        narrowed=wanted.is_narrowed,
        bulk_form=bulk_form,
        view_form=view_form or Form(),
        result=result,
        here_now=filters.address(request.url.query),
        **context,
        **filters.shown(request.query_params),
    )


async def _read(session: ReadSession, visit: Visit, seen: OfQueue, moment: datetime) -> dict[str, Any]:
    own = await views.of(session, visit.technician) if seen.has_views else ()
    found = {
        view.id: await queue.count(session, filters.read(QueryParams(view.query)), actor=visit.technician)
        for view in own
    }
    return {
        "views": own,
        "found": found,
        "counts": seen.counts,
        "count_limit": queue.COUNT_LIMIT,
        **filters.choices(seen.answers),
        "moment": moment,
        "today": visit.t.date(moment),
        **vars(await strips.above_the_queue(session, seen.signs, at=moment)),
    }
