"""Where a ticket stands in the queue one came from: carried in the address and by the forms of its page.

A place is the queue's filters and where in its order the ticket stood when its page was first opened: who has
answered it goes on from there, wherever the answer has put it.
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin.pages import filters
from admin.panel import Visit
from core.models import Ticket
from core.queries import queue
from core.queries.tickets import by_number
from core.queries.wanted import ON_SHELF, Cursor, Wanted


def of(query: str, ticket: Ticket) -> str:
    """The place, as the address has it or as it follows from the ticket; empty for one that is on no such list."""
    wanted, at = _wanted(query), _at(query)
    if at is None and ticket.state not in ON_SHELF[wanted.shelf]:
        return ""
    return _written(query, at or queue.place(ticket, wanted))


def carried(query: str) -> str:
    """What of it stands in an address already, as it follows the path; empty where nothing does."""
    at = _at(query)
    parts = _filters(query) | ({"at": str(at)} if at is not None else {})
    return f"?{urlencode(parts)}" if parts else ""


async def following(request: Request, visit: Visit) -> Response:
    return await _go(request, visit, is_back=False)


async def previous(request: Request, visit: Visit) -> Response:
    return await _go(request, visit, is_back=True)


async def _go(request: Request, visit: Visit, *, is_back: bool) -> Response:
    """The neighbour in the queue; behind the last and before the first one, the queue itself."""
    query, number = request.url.query, request.path_params["number"]
    wanted = _wanted(query)
    async with visit.database.read() as session:
        at = _at(query) or queue.place(await by_number(session, number), wanted)
        there = replace(wanted, before=at) if is_back else replace(wanted, after=at)
        found = await queue.neighbour(session, there, but=number, actor=visit.technician)
    if found is None:
        return RedirectResponse(filters.address(urlencode(_filters(query))), status_code=303)
    place = _written(query, queue.place(found, wanted))
    return RedirectResponse(f"/tickets/{found.number}?{place}", status_code=303)


def _written(query: str, at: Cursor) -> str:
    return urlencode(_filters(query) | {"at": str(at)})


def _wanted(query: str) -> Wanted:
    return filters.read(QueryParams(urlencode(_filters(query))))


def _at(query: str) -> Cursor | None:
    return Cursor.parse(QueryParams(query).get("at", ""))


def _filters(query: str) -> dict[str, str]:
    """A search is no queue: its words are no filter of it."""
    return {name: value for name, value in parse_qsl(query) if name in filters.KEPT and name != "q"}
