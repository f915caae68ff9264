"""The stream an open page listens to; its address carries the stamps the page was drawn with."""

from collections.abc import AsyncIterator

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from admin.forms import whole
from admin.live import BAR, PRESENCE, QUEUE, TICKET, WORK, Listener, TooManyPagesError
from admin.panel import Visit

STAMP_LENGTH = 64


async def stream(request: Request, visit: Visit) -> Response:
    listener = _listener(request.query_params, visit)
    live = visit.panel.live

    async def events() -> AsyncIterator[str]:
        try:
            with live.listening(listener):
                async for event in live.stream(listener):
                    yield event
        except TooManyPagesError:
            return  # the page goes on without, and tries again later

    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _listener(query: QueryParams, visit: Visit) -> Listener:
    """What the address says is shown; what it says wrongly is not."""
    return Listener(
        visit.session_id,
        visit.technician.id,
        {part: query[part][:STAMP_LENGTH] for part in (BAR, QUEUE, TICKET, PRESENCE) if part in query},
        ticket=whole(query.get("number", "")) or 0,
        come=whole(query.get(WORK, "")) if visit.may("see_tickets") else None,
        sees_troubles=visit.may("retry_delivery"),
    )
