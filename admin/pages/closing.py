"""Closing a ticket: the consequence before, and the closing itself."""

from starlette.requests import Request
from starlette.responses import Response

from admin import csrf, forms
from admin.errors import status_of
from admin.forms import Form
from admin.pages import ticket as ticket_page
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import closing
from core.db import WriteSession
from core.errors import InvalidError
from core.models import Technician, Ticket
from core.queries import tickets


async def close(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await closing.close(session, actor, ticket, ticket_page.closure_request(form), office=visit.office)

    return await perform(request, visit, "close", act)


async def preview(request: Request, visit: Visit) -> Response:
    """The consequence of what the form says now: the line alone for the script, else the whole page."""
    form = await forms.read(request)
    csrf.check_token(form.text("csrf"), visit.csrf_token)
    number = ticket_page.number_of(request)
    status = 200
    try:
        ticket_page.closure_request(form)
    except InvalidError as refusal:
        form.refuse(refusal, visit.t)
        status = status_of(refusal)
    if not form.text("fragment"):
        return await ticket_page.page(visit, number, status=status, forms={"close": form})
    async with visit.database.read() as session:
        facts = await closing.facts(session, await tickets.by_number(session, number))
    return visit.page("ticket/_consequence.html", plan=ticket_page.consequence(form, facts), form=form)
