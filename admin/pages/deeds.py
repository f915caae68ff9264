"""What changes a ticket as a whole: its links, its service, becoming part of another."""

from starlette.requests import Request
from starlette.responses import Response

from admin.forms import Form
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import links, merging, service_change
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import Product, Technician, Ticket


async def link(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await links.link(session, actor, ticket, number=_number(form, "number"))

    return await perform(request, visit, "link", act)


async def unlink(request: Request, visit: Visit) -> Response:
    other: int = request.path_params["other"]

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await links.unlink(session, actor, ticket, number=other)

    return await perform(request, visit, "link", act)


async def merge(request: Request, visit: Visit) -> Response:
    """It cannot be undone: who saw another state of the ticket looks again first."""

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        if form.text("version") != str(ticket.version):
            raise ConflictError
        await merging.merge(session, actor, ticket, into=_number(form, "number"), office=visit.office)

    return await perform(request, visit, "merge", act)


async def change_service(request: Request, visit: Visit) -> Response:
    """At once, or by asking the customer; the event in the conversation says which."""

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        chosen = form.number("product")
        product = await session.get(Product, chosen) if chosen else None
        if product is None:
            raise InvalidError(N_("Choose a service and a product."), field="product")
        await service_change.change(
            session, actor, ticket, service=product.service, product=product.label, office=visit.office
        )

    return await perform(request, visit, "service", act)


def _number(form: Form, name: str) -> int:
    """A ticket's number, with or without its sign. Raises InvalidError."""
    text = form.line(name).removeprefix("#")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidError(N_("Write the number of a ticket."), field=name)
    return int(text)
