"""Subscriptions to what happens, for programs that set themselves up."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from admin.api import models
from admin.api.access import Api, ApiParts, Caller, Guarded
from admin.api.fields import Id, Line
from admin.api.idempotency import ONCE, perform
from admin.api.problems import described
from core.actions import subscriptions as actions
from core.db import WriteSession
from core.models import Subscription, Technician
from core.queries import subscriptions
from core.rules.permissions import Permission, allows
from core.rules.webhooks import Happening, SubscriptionState

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=Guarded, responses=described(401, 403, 422))


class NewWebhook(models.Wanted):
    url: Line = Field(description="https, on the public internet", examples=["https://example.org/ventanilla"])
    events: list[Happening] = Field(min_length=1, max_length=len(Happening), examples=[["ticket.created"]])


class WebhookOut(BaseModel):
    """Who is told; ``failed``: turned off by the desk, for nothing was taken for three days."""

    id: int
    url: str = Field(description="for a role that may not change settings only its host")
    events: list[Happening]
    state: SubscriptionState
    created_at: datetime


class WebhookMade(WebhookOut):
    secret: str = Field(description="what deliveries are signed with; shown this once", examples=["whsec_…"])


class WebhooksOut(BaseModel):
    items: list[WebhookOut]


@router.get("", response_model=WebhooksOut)
async def list_webhooks(api: ApiParts, caller: Caller) -> WebhooksOut:
    """All subscriptions, the oldest first."""
    async with api.database.read() as session:
        found = await subscriptions.everyone(session)
    return WebhooksOut(items=[_shown(subscription, api, caller) for subscription in found])


@router.post("", status_code=201, response_model=WebhookMade, responses=described(409, 413), dependencies=[ONCE])
async def subscribe(request: Request, api: ApiParts, caller: Caller, wanted: NewWebhook) -> Response:
    """Be told what happens, from now on."""

    async def effect(session: WriteSession, actor: Technician) -> WebhookMade:
        vault = actions.vault_of(api.secret)
        made, secret = await actions.add(session, actor, url=wanted.url, events=set(wanted.events), vault=vault)
        return WebhookMade(**_shown(made, api, caller).model_dump(), secret=secret)

    return await perform(request, api, caller, effect, status=201, is_secret=True)


@router.delete("/{id}", status_code=204, response_class=Response, responses=described(404))
async def unsubscribe(
    webhook_id: Id,
    api: ApiParts,
    caller: Caller,
) -> None:
    """Be told nothing more; what waits to be sent is dropped."""

    async def once(session: WriteSession) -> None:
        actor = await session.get_one(Technician, caller.id)
        await actions.remove(session, actor, await subscriptions.by_id(session, webhook_id, lock=True))

    await api.database.carry_out(once)


def _shown(subscription: Subscription, api: Api, caller: Technician) -> WebhookOut:
    may_see = allows(caller.role, Permission.EDIT_SETTINGS)
    return WebhookOut(
        id=subscription.id,
        url=subscription.url if may_see else subscription.host,
        events=[Happening(event) for event in subscription.events],
        state=subscription.state,
        created_at=subscription.created_at.astimezone(api.office.t.timezone),
    )
