"""What did not reach its reader."""

from starlette.requests import Request
from starlette.responses import Response

from admin.panel import Visit
from core.queries import dossier


async def show(request: Request, visit: Visit) -> Response:
    before = request.query_params.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= 9
    async with visit.database.read() as session:
        troubles, following = await dossier.troubles(session, before=int(before) if is_number else 0)
    return visit.page("deliveries/page.html", troubles=troubles, next=following, is_first=not before)
