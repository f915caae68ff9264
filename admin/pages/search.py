"""What was looked for in the whole desk: numbers, companies, RUC, words of articles and of internal notes."""

from starlette.requests import Request
from starlette.responses import Response

from admin.pages import filters
from admin.panel import Visit
from core.clock import now
from core.queries import queue, search
from core.queries.queue import Wanted
from core.rules import asking

PAGE = 25


async def results(request: Request, visit: Visit, wanted: Wanted) -> Response:
    """The newest first; the ticket whose number was typed stands above them."""
    query, zone = request.query_params, visit.t.timezone
    asked = asking.read(filters.asked_text(query), now=now().astimezone(zone))
    before, after = _number(query.get("before", "")), _number(query.get("since", ""))
    tickets = queue.filtered(wanted, actor=visit.technician)
    async with visit.database.read() as session:
        found = await search.find(
            session, tickets, asked, eyes=search.STAFF, zone=zone, size=PAGE, before=before, after=after
        )
        exact = None if before or after else await search.numbered(session, tickets, asked.number)
        choices = await filters.choices(session)
    return visit.page(
        "search/page.html",
        found=found,
        exact=exact,
        wanted=wanted,
        **choices,
        **filters.shown(query),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
