"""A company's statement of one month: read, as a PDF, and as a spreadsheet."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from admin.pages.companies import ruc_of
from admin.panel import Visit
from core.actions import exports
from core.clock import now
from core.messaging import letterhead
from core.models import Technician
from core.queries import company_card
from core.queries import statement as found
from core.render import sheets, statement_pdf
from core.render import statement as words
from core.render.statement import Statement
from core.rules.periods import Period, month, month_before, month_of


@dataclass(frozen=True, slots=True)
class Choice:
    """A month to go to: its address, its words, whether it is the one shown."""

    month: str
    words: str
    is_shown: bool


async def show(request: Request, visit: Visit) -> Response:
    async with visit.database.read() as session:
        company = await company_card.by_ruc(session, ruc_of(request))
        statement = await found.read(session, company, _asked(request, visit))
        months = await found.months(session, company.id, visit.t.timezone)
    first, this_month = statement.period.first, months[0]
    offered = sorted({first, *months}, reverse=True)
    return visit.page(
        "statement/page.html",
        company=company,
        statement=statement,
        words=words,
        choices=[Choice(f"{day:%Y-%m}", visit.t.month(day), day == first) for day in offered],
        earlier=f"{month_before(first):%Y-%m}" if first > months[-1] else "",
        later=f"{statement.period.following:%Y-%m}" if first < this_month else "",
    )


async def as_pdf(request: Request, visit: Visit) -> Response:
    statement = await _statement(request, visit)
    office = visit.office
    logo = await letterhead.picture(visit.panel.store, office.logo.sha256 if office.logo else None)
    pdf = await asyncio.to_thread(statement_pdf.draw, statement, office=office, t=visit.t, logo=logo)
    return _download(pdf, "application/pdf", words.file_name(statement, "pdf"))


async def as_csv(request: Request, visit: Visit) -> Response:
    statement = await _statement(request, visit)
    table = sheets.as_csv(words.rows(statement, visit.t))
    return _download(table, "text/csv; charset=utf-8", words.file_name(statement, "csv"))


async def _statement(request: Request, visit: Visit) -> Statement:
    ruc = ruc_of(request)
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        await exports.note(session, actor, "statement", asked=f"{ruc} {request.url.query}".strip())
    async with visit.database.read() as session:
        company = await company_card.by_ruc(session, ruc)
        return await found.read(session, company, _asked(request, visit))


def _asked(request: Request, visit: Visit) -> Period:
    """The month of the address; the one we are in where it names none."""
    zone = visit.t.timezone
    return month(request.query_params.get("month", ""), zone) or month_of(now(), zone)


def _download(content: bytes, media_type: str, name: str) -> Response:
    """``name`` is of our making: letters, digits, dots."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
