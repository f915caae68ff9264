"""What changes a ticket as a whole: its links, its service, becoming part of another."""

from starlette.requests import Request
from starlette.responses import Response

from admin.forms import Form
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import collisions, links, merging, service_change
from core.actions.collisions import Deed
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Product, Technician, Ticket
from core.queries.tickets import beside


async def link(request: Request, visit: Visit) -> Response:
    async def take(session: WriteSession, number: int, form: Form) -> Ticket:
        return await beside(session, number, _number(form, "number"))

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await links.link(session, actor, ticket, number=_number(form, "number"))

    return await perform(request, visit, "link", act, take=take)


async def unlink(request: Request, visit: Visit) -> Response:
    other: int = request.path_params["other"]

    async def take(session: WriteSession, number: int, form: Form) -> Ticket:
        return await beside(session, number, other)

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await links.unlink(session, actor, ticket, number=other)

    return await perform(request, visit, "link", act, take=take)


async def merge(request: Request, visit: Visit) -> Response:
    async def take(session: WriteSession, number: int, form: Form) -> Ticket:
        return await beside(session, number, _number(form, "into"))

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await collisions.refuse_overtaken(session, actor, ticket, Deed.MERGE, seen=form.seen())
        await merging.merge(session, actor, ticket, into=_number(form, "into"), office=visit.office)

    return await perform(request, visit, "merge", act, take=take)


async def change_service(request: Request, visit: Visit) -> Response:
    """At once, or by asking the customer; the event in the conversation says which."""

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        chosen = form.number("product")
        product = await session.get(Product, chosen) if chosen else None
        if product is None:
            raise InvalidError(N_("Choose a service and a product."), field="product")
        await collisions.refuse_overtaken(session, actor, ticket, Deed.SERVICE, seen=form.seen())
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
