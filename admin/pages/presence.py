"""A page of a ticket says that somebody looks at it, and whether an answer is being written."""

from starlette.requests import Request
from starlette.responses import Response

from admin import forms
from admin.pages.ticket import number_of
from admin.panel import Visit
from core.actions import presence
from core.models import Technician
from core.queries import tickets


async def note(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    async with visit.database.write() as session:
        ticket = await tickets.by_number(session, number_of(request))
        technician = await session.get_one(Technician, visit.technician.id)
        if form.text("gone"):
            await presence.leave(session, technician, ticket)
        else:
            is_writing = bool(form.text("writing")) and visit.may("answer")
            await presence.note(session, technician, ticket, is_writing=is_writing)
    return Response(status_code=204)
