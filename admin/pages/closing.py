"""Closing a ticket: the consequence before, and the closing itself."""

from starlette.requests import Request
from starlette.responses import Response

from admin import csrf, forms
from admin.forms import Form
from admin.pages import ticket as ticket_page
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import closing
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Technician, Ticket
from core.queries import tickets
from core.rules.closures import Closure, ClosureRequest, preview_closure


async def close(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await closing.close(session, actor, ticket, _request(form), office=visit.office)

    return await perform(request, visit, "close", act)


async def preview(request: Request, visit: Visit) -> Response:
    """The consequence of what the form says now: the line alone for the script, else the whole page."""
    form = await forms.read(request)
    csrf.check_token(form.text("csrf"), visit.csrf_token)
    number = ticket_page.number_of(request)
    plan, refusal = None, None
    try:
        wanted = _request(form)
    except InvalidError as error:
        refusal = error
        form.refuse(error, visit.t)
    else:
        async with visit.database.read() as session:
            ticket = await tickets.by_number(session, number)
            plan = preview_closure(await closing.facts(session, ticket), wanted)
    if form.text("fragment"):
        return visit.page("ticket/_consequence.html", plan=plan, form=form)
    return await ticket_page.page(visit, number, status=422 if refusal else 200, forms={"close": form}, plan=plan)


def _request(form: Form) -> ClosureRequest:
    """What the form says. Raises InvalidError."""
    chosen = form.text("closure")
    if chosen not in set(Closure):
        raise InvalidError(N_("Choose how the ticket closes."), field="closure")
    return ClosureRequest(
        closure=Closure(chosen),
        cause=form.text("cause"),
        solution=form.text("solution"),
        minutes=form.number("minutes"),
    )
