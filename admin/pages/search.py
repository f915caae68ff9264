"""What was looked for in the whole desk: numbers, companies, RUC, words of articles and of internal notes."""

from starlette.requests import Request
from starlette.responses import Response

from admin.forms import whole
from admin.pages import filters
from admin.panel import Visit
from core.clock import now
from core.queries import company_card, queue, search, together
from core.queries.wanted import Wanted
from core.rules import asking

PAGE = 25
COMPANIES = 5


async def results(request: Request, visit: Visit, wanted: Wanted) -> Response:
    """The newest first; above them companies by name or RUC, and the ticket whose number was typed."""
    query, zone = request.query_params, visit.t.timezone
    text = filters.asked_text(query)
    asked = asking.read(text, now=now().astimezone(zone))
    before, after = (whole(query.get(name, "")) or 0 for name in ("before", "since"))
    tickets = queue.filtered(wanted, actor=visit.technician)
    async with visit.reading() as session:
        found = await search.find(
            session, tickets, asked, eyes=search.STAFF, zone=zone, size=PAGE, before=before, after=after
        )
        exact = None if before or after else await search.numbered(session, tickets, asked.number)
        is_first = visit.may("see_company") and not (before or after)
        companies = (await company_card.search(session, text, limit=COMPANIES)).companies if is_first else ()
        choices = filters.choices(await together.ask(session, filters.CHOICES))
    return visit.page(
        "search/page.html",
        found=found,
        exact=exact,
        companies=companies,
        wanted=wanted,
        narrowed=wanted.is_narrowed,
        **choices,
        **filters.shown(query),
    )
