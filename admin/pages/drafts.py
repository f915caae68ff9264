"""What is being written on a ticket: kept by a script while somebody types, and where a form was refused."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import place
from admin.panel import Visit
from core.actions import reply_drafts
from core.errors import NotFoundError
from core.models import Composed, Technician
from core.queries import tickets


async def keep(request: Request, visit: Visit) -> Response:
    """Answers with the words to say that it is kept; empty where there is nothing to keep."""
    form = await forms.signed(request, visit)
    name = form.text("form")
    if name not in set(Composed):
        raise NotFoundError
    return Response(await keep_form(visit, _number(request), name, form), media_type="text/plain")


async def discard(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    number, name = _number(request), request.path_params["form"]
    if name not in set(Composed):
        raise NotFoundError
    async with visit.database.write() as session:
        ticket = await tickets.by_number(session, number)
        actor = await session.get_one(Technician, visit.technician.id)
        await reply_drafts.discard(session, actor, ticket, form=Composed(name))
    return RedirectResponse(f"/tickets/{number}{place.carried(form.text('place'))}#{name}-form", status_code=303)


async def keep_form(visit: Visit, number: int, name: str, form: Form) -> str:
    """Keep what a form brought, and say so. A form without a draft is none of ours."""
    if name not in set(Composed):
        return ""
    async with visit.database.write() as session:
        # whoever sends the form holds the ticket: a draft that waited for that finds it sent
        ticket = await tickets.by_number(session, number, lock=True)
        actor = await session.get_one(Technician, visit.technician.id)
        kept = await reply_drafts.keep(
            session, actor, ticket, form=Composed(name), text=form.text("text"), submission=form.submission
        )
    return visit.t("Draft of %(when)s", when=visit.t.time(kept)) if kept else ""


def _number(request: Request) -> int:
    number: int = request.path_params["number"]
    return number
