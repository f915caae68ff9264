"""Tickets: listed, opened, read."""

import base64
import binascii
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from admin.api import models
from admin.api.access import ApiParts, Caller, Reader
from admin.api.idempotency import perform
from admin.api.views import View
from core.actions import tickets
from core.db import ReadSession, WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import Company, Technician
from core.queries import listing, policy
from core.queries.listing import Filters
from core.rules.states import CLOSED, State

router = APIRouter(tags=["tickets"])

StateFilter = Literal["new", "open", "pending", "warranty", "implementation", "unsuccessful", "invoiced", "closed"]


@router.get("/tickets", response_model=models.TicketPage)
async def list_tickets(
    api: ApiParts,
    _: Reader,
    state: StateFilter | None = None,
    company: Annotated[str | None, Query(description="RUC")] = None,
    assignee: Annotated[str | None, Query(description="user name, or none")] = None,
    q: Annotated[str, Query(max_length=200, description="number, or words of subject, company or RUC")] = "",
    after: Annotated[str | None, Query(description="the next of the page before")] = None,
    per_page: Annotated[int, Query(ge=1, le=100)] = 25,
) -> models.TicketPage:
    """Tickets, the highest number first."""
    filters = Filters(
        states=_states(state), ruc=company, assignee="" if assignee == "none" else assignee, words=q.strip()
    )
    async with api.database.read() as session:
        found, following = await listing.page(session, filters, below=_cursor(after), size=per_page)
        items = [View(api.office).line(ticket) for ticket in found]
    return models.TicketPage(items=items, next=_packed(following) if following else None)


@router.post("/tickets", status_code=201, response_model=models.TicketOut)
async def open_ticket(request: Request, api: ApiParts, caller: Caller, wanted: models.NewTicket) -> Response:
    """Open a ticket for a customer; it starts open."""

    async def effect(session: WriteSession, actor: Technician) -> models.TicketOut:
        company = await session.scalar(select(Company).where(Company.ruc == wanted.ruc))
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
            office=api.office,
        )
        return await View(api.office).ticket(session, ticket.number)

    return await perform(request, api, caller, effect, status=201)


@router.get("/tickets/{number}", response_model=models.TicketOut)
async def read_ticket(number: int, api: ApiParts, _: Reader) -> models.TicketOut:
    """A ticket with its articles, deliveries, calls, times and closings."""
    async with api.database.read() as session:
        return await View(api.office).ticket(session, number)


async def _only_product(session: ReadSession, wanted: models.NewTicket) -> str:
    """What is meant where there is nothing to choose."""
    labels = await policy.products(session, wanted.service)
    return labels[0] if len(labels) == 1 else ""


def _states(state: StateFilter | None) -> frozenset[State] | None:
    if state is None:
        return None
    return CLOSED if state == "closed" else frozenset({State(state)})


def _packed(number: int) -> str:
    return base64.urlsafe_b64encode(f"below:{number}".encode()).decode().rstrip("=")


def _cursor(text: str | None) -> int | None:
    """Raises InvalidError for anything that is not a ``next`` of ours."""
    if text is None:
        return None
    try:
        word, _, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        word = number = ""
    if word != "below" or not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise InvalidError(N_("This cursor is not one of ours."), field="after")
    return int(number)
