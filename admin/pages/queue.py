"""The queue: everything that selects tickets stands in the address."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from admin import live
from admin.pages import filters, search
from admin.panel import Visit
from core.clock import now
from core.queries import appointments, changes, following, persons, queue, staff

RATINGS_SHOWN = timedelta(days=7)


async def show(request: Request, visit: Visit) -> Response:
    wanted = filters.read(request.query_params)
    if request.query_params.get("q", "").strip():
        return await search.results(request, visit, wanted)
    async with visit.database.read() as session:
        stamp = await changes.of_queue(session)  # first: what comes meanwhile is told later
        page = await queue.page(session, wanted, actor=visit.technician)
        counts = await queue.counts(session)
        developers = await staff.developers(session)
        undecided = await persons.undecided(session, at=now())
        forgotten = await queue.forgotten_passwords(session, at=now())
        agreed = await appointments.agreed(session, [line.ticket for line in page.lines])
        to_call = await appointments.due(session, at=now())
        unhappy = await following.low_ratings(session, since=now() - RATINGS_SHOWN, limit=5)
    return visit.page(
        "queue/page.html",
        stamps={live.QUEUE: stamp},
        page=page,
        wanted=wanted,
        counts=counts,
        count_limit=queue.COUNT_LIMIT,
        developers=developers,
        forgotten=forgotten,
        unhappy=unhappy,
        undecided=undecided,
        agreed=agreed,
        to_call=to_call,
        moment=now(),
        **filters.shown(request.query_params),
    )
