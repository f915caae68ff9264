"""Tickets: listed, opened, read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from admin.api import cursors, models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import TicketNumber
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from admin.api.views import View
from core.actions import addressees, tickets
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Company, Technician
from core.queries import listing, policy
from core.queries.listing import Filters
from core.rules import asking
from core.rules.identity import read_ruc
from core.rules.states import CLOSED, State

router = APIRouter(tags=["tickets"], route_class=Guarded, responses=described(401, 403, 422))


@router.get("/tickets", response_model=models.TicketPage)
async def list_tickets(api: ApiParts, _: Caller, wanted: Annotated[models.Filter, Query()]) -> models.TicketPage:
    """Tickets, the highest number first."""
    below, zone = cursors.read(wanted.after), api.office.t.timezone
    filters = Filters(
        states=_states(wanted.state),
        ruc=_ruc(wanted.company),
        assignee=_assignee(wanted),
        asked=asking.read(wanted.q, now=now().astimezone(zone)),
    )
    async with api.database.read() as session:
        found, following = await listing.page(session, filters, below=below, size=wanted.per_page, zone=zone)
        items = [View(api.office).line(ticket) for ticket in found]
    return models.TicketPage(items=items, next=cursors.write(following) if following else None)


@router.post(
    "/tickets", status_code=201, response_model=models.TicketOut, responses=described(409, 413), dependencies=[ONCE]
)
async def open_ticket(request: Request, api: ApiParts, caller: Caller, wanted: models.NewTicket) -> Response:
    """Open a ticket for a customer; it starts open."""

    async def effect(session: WriteSession, actor: Technician) -> models.TicketOut:
        company = await session.scalar(select(Company).where(Company.ruc == _ruc(wanted.ruc)))
        if company is None:
            raise InvalidError(N_("No company has this RUC."), field="ruc")
        ticket = await tickets.open_for_customer(
            session,
            actor,
            company=company,
            service=wanted.service,
            product=wanted.product or await _only_product(session, wanted),
            subject=wanted.subject,
            text=wanted.text,
            told=await addressees.choose(session, company, wanted.told),
            office=api.office,
        )
        if wanted.note.strip():
            await tickets.note(session, actor, ticket, text=wanted.note)
        return await View(api.office).ticket(session, ticket.number)

    return await perform(request, api, caller, effect, status=201)


@router.get("/tickets/{number}", response_model=models.TicketOut, responses=described(404))
async def read_ticket(number: TicketNumber, api: ApiParts, _: Caller) -> models.TicketOut:
    """A ticket with its articles, deliveries, calls, times and closings."""
    async with api.database.read() as session:
        return await View(api.office).ticket(session, number)


async def _only_product(session: ReadSession, wanted: models.NewTicket) -> str:
    """What is meant where there is nothing to choose."""
    labels = await policy.products(session, wanted.service)
    return labels[0] if len(labels) == 1 else ""


def _ruc(text: str | None) -> str | None:
    """A RUC as it is kept; what cannot be one stays as it is, and is nobody's."""
    return text and (read_ruc(text) or text)


def _assignee(wanted: models.Filter) -> str | None:
    """A user name as it is kept, empty for nobody's."""
    name = wanted.assignee.strip().lower() if wanted.assignee is not None else None
    return "" if name == "none" else name


def _states(state: models.StateFilter | None) -> frozenset[State] | None:
    if state is None:
        return None
    return CLOSED if state == "closed" else frozenset({State(state)})
