"""What changes a ticket as a whole, for programs: its links, its service, becoming part of another."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from admin.api import models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import Line, TicketNumber, Whole
from admin.api.idempotency import ONCE
from admin.api.problems import described
from admin.api.work import on_ticket
from core.actions import links, merging, service_change
from core.db import WriteSession
from core.errors import ConflictError
from core.models import Technician, Ticket
from core.queries.tickets import NUMBER_LIMIT
from core.rules.services import Service

router = APIRouter(
    prefix="/tickets/{number}", tags=["deeds"], route_class=Guarded, responses=described(401, 403, 404, 409, 422)
)


class NewLink(models.Wanted):
    number: Whole = Field(ge=1, le=NUMBER_LIMIT, description="of the other ticket", examples=[1043])


class NewMerging(models.Wanted):
    """``version`` is the ticket's as it was read: where it has changed since, nothing is done."""

    into: Whole = Field(ge=1, le=NUMBER_LIMIT, description="number of the ticket it goes on in", examples=[1043])
    version: Whole | None = None


class NewService(models.Wanted):
    service: Service
    product: Line = Field(description="the label in the settings", examples=["SaciJava"])


@router.post("/links", response_model=models.TicketOut, responses=described(413), dependencies=[ONCE])
async def link(number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: NewLink) -> Response:
    """Say that two tickets have to do with each other; no customer hears of it."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await links.link(session, actor, ticket, number=wanted.number)

    return await on_ticket(request, api, caller, number, change, other=wanted.number)


@router.delete("/links/{other}", response_model=models.TicketOut)
async def unlink(
    number: TicketNumber, other: TicketNumber, request: Request, api: ApiParts, caller: Caller
) -> Response:
    """They have nothing to do with each other after all; 404 where they never had."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await links.unlink(session, actor, ticket, number=other)

    return await on_ticket(request, api, caller, number, change, other=other)


@router.post("/merge", response_model=models.TicketOut, responses=described(413), dependencies=[ONCE])
async def merge(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: NewMerging
) -> Response:
    """It becomes part of another ticket of its company, for good. 409 with every reason against it."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        if wanted.version not in (None, ticket.version):
            raise ConflictError
        await merging.merge(session, actor, ticket, into=wanted.into, office=api.office)

    return await on_ticket(request, api, caller, number, change, other=wanted.into)


@router.post("/service", response_model=models.TicketOut, responses=described(413), dependencies=[ONCE])
async def change_service(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: NewService
) -> Response:
    """Another service or product, at once; what costs the customer is asked in the chat first: ``service_asked``."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await service_change.change(
            session, actor, ticket, service=wanted.service, product=wanted.product, office=api.office
        )

    return await on_ticket(request, api, caller, number, change)
