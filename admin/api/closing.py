"""Closing a ticket, its consequence beforehand, and its report."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from admin.api import models
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.fields import TicketNumber
from admin.api.idempotency import ONCE
from admin.api.problems import described, problem
from admin.api.views import consequence, made
from admin.api.work import on_ticket
from core.actions import closing
from core.db import WriteSession
from core.errors import InvalidError, NotFoundError
from core.i18n import N_
from core.models import Report, Technician, Ticket, TicketClosure
from core.queries.tickets import NUMBER_LIMIT, by_number
from core.rules.closures import ClosureRequest, Shortfall, preview_closure

router = APIRouter(
    prefix="/tickets/{number}", tags=["closing"], route_class=Guarded, responses=described(401, 403, 404, 422)
)


@router.post("/closure/preview", response_model=models.Consequence, responses=described(413))
async def preview(
    number: TicketNumber, api: ApiParts, caller: Caller, wanted: models.NewClosure
) -> models.Consequence:
    """What this closing would do; nothing changes. Words still to be written are refused, and hide no number."""
    request = _request_of(wanted)
    async with api.database.read() as session:
        ticket = await by_number(session, number)
        return consequence(preview_closure(await closing.facts(session, ticket, actor=caller), request))


@router.post("/closure", response_model=models.Consequence, responses=described(409, 413), dependencies=[ONCE])
async def close(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewClosure
) -> Response:
    """Close the ticket. An illegal closing is 409 with its reasons and changes nothing."""
    closure = _request_of(wanted)

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> models.Consequence:
        return made(await closing.close(session, actor, ticket, closure, office=api.office))

    return await on_ticket(request, api, caller, number, change)


@router.post("/reclassify", response_model=models.Consequence, responses=described(409, 413), dependencies=[ONCE])
async def reclassify(
    number: TicketNumber, request: Request, api: ApiParts, caller: Caller, wanted: models.NewClosure
) -> Response:
    """Close a closed ticket anew as another kind or with other minutes; what it charged is countered.

    409 once that has been invoiced, and where nothing would change.
    """
    closure = _request_of(wanted)

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> models.Consequence:
        return made(await closing.reclassify(session, actor, ticket, closure, office=api.office))

    return await on_ticket(request, api, caller, number, change)


@router.get(
    "/report.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **described(409)},
)
async def report(
    number: TicketNumber,
    api: ApiParts,
    _: Caller,
    closure: Annotated[
        int | None, Query(ge=1, le=NUMBER_LIMIT, description="which closing; the latest unless named")
    ] = None,
) -> Response:
    """The same bytes that were pushed and mailed. 409 with Retry-After while they are being drawn."""
    async with api.database.read() as session:
        ticket = await by_number(session, number)
        query = (
            select(Report)
            .join(TicketClosure, TicketClosure.id == Report.closure_id)
            .where(TicketClosure.ticket_id == ticket.id)
            .order_by(TicketClosure.number.desc())
            .limit(1)
        )
        found = await session.scalar(query if closure is None else query.where(TicketClosure.number == closure))
    if found is None:
        raise NotFoundError(N_("There is no report of this ticket."))
    if found.pdf_sha256 is None:
        return problem(409, api.office.t("The report is being drawn."), headers={"Retry-After": "1"})
    headers = {
        "Content-Disposition": f'attachment; filename="{found.file_name}"',
        "X-Content-Type-Options": "nosniff",
    }
    try:
        content = await api.store.read(found.pdf_sha256)
    except FileNotFoundError:
        raise NotFoundError(N_("There is no report of this ticket.")) from None
    return Response(content, media_type="application/pdf", headers=headers)


def _request_of(wanted: models.NewClosure) -> ClosureRequest:
    if wanted.overdraft and wanted.split:
        raise InvalidError(N_("Choose overdraft or split, not both."), field="split")
    shortfall = Shortfall.OVERDRAFT if wanted.overdraft else Shortfall.SPLIT if wanted.split else None
    return ClosureRequest(wanted.closure, wanted.cause, wanted.solution, wanted.minutes, shortfall, wanted.reason)
