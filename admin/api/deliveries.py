"""Deliveries for programs: what became of them, and another try of one that failed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from admin.api import cursors
from admin.api.access import ApiParts, Caller, Guarded
from admin.api.delivery_models import DeliveryFilter, DeliveryOut, DeliveryPage
from admin.api.fields import Id
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from admin.api.views import View
from core.actions import deliveries
from core.db import WriteSession
from core.models import TROUBLED_DELIVERIES, DeliveryState, Technician
from core.queries import deliveries as found

router = APIRouter(prefix="/deliveries", tags=["deliveries"], route_class=Guarded, responses=described(401, 403, 422))


@router.get("", response_model=DeliveryPage)
async def list_deliveries(api: ApiParts, _: Caller, wanted: Annotated[DeliveryFilter, Query()]) -> DeliveryPage:
    """Deliveries, the newest first; without a state those that failed, are in doubt, blocked or held."""
    states = (DeliveryState(wanted.state),) if wanted.state else TROUBLED_DELIVERIES
    async with api.database.read() as session:
        lines, below = await found.page(session, states, below=cursors.read(wanted.after), size=wanted.per_page)
    view = View(api.office)
    return DeliveryPage(items=[view.delivery(line) for line in lines], next=cursors.write(below) if below else None)


@router.post("/{id}/retry", response_model=DeliveryOut, responses=described(404, 409), dependencies=[ONCE])
async def retry(
    delivery_id: Id,
    request: Request,
    api: ApiParts,
    caller: Caller,
) -> Response:
    """Try a failed, doubtful or blocked delivery again, or let a held one go."""

    async def effect(session: WriteSession, actor: Technician) -> DeliveryOut:
        row = await deliveries.retry(session, actor, delivery_id)
        await session.flush()
        (line,) = await found.lines(session, [row])
        return View(api.office).delivery(line)

    return await perform(request, api, caller, effect, status=200)
