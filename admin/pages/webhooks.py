"""Settings: the programs that are told what happens, their secrets, and what became of what was sent."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form, whole
from admin.pages import settings
from admin.panel import Visit
from core.actions import submissions
from core.actions import subscriptions as actions
from core.db import WriteSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_
from core.models import Subscription, Technician
from core.queries import subscriptions
from core.render.webhooks import CALL_WORDS, EVENT_WORDS, SUBSCRIPTION_WORDS
from core.rules.webhooks import Happening

Change = Callable[[WriteSession, Technician, Subscription], Awaitable[None]]

HOME = "/settings/webhooks"

_DONE: Mapping[str, str] = {
    "shown": N_("The secret was shown already, and only that once. Change it if it is lost."),
    "paused": N_("It is paused: nothing is sent until you turn it on again."),
    "resumed": N_("It is active: what waited goes out first."),
    "tested": N_("The test is on its way. Its result appears in the log below; load the page again."),
    "removed": N_("The webhook was removed."),
    "retried": N_("It goes out again now."),
}


async def show(request: Request, visit: Visit) -> Response:
    return await _list(request, visit)


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, asked for as a page after a log-in."""
    return RedirectResponse(_address(request), status_code=303)


async def add(request: Request, visit: Visit) -> Response:
    """A new subscription, with its secret, which is shown this once."""
    form = await forms.signed(request, visit)
    try:
        async with visit.database.write() as session:
            actor = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, actor, form.submission):
                return RedirectResponse(f"{HOME}?done=shown", status_code=303)
            subscription, secret = await actions.add(
                session,
                actor,
                url=form.line("url"),
                events=[event for event in Happening if form.text(_field(event))],
                vault=actions.vault_of(visit.panel.secret),
            )
    except (InvalidError, ConflictError) as refusal:
        return await _list(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return _secret(visit, subscription, secret)


async def change_secret(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        subscription = await subscriptions.by_id(session, request.path_params["id"], lock=True)
        if not await submissions.is_first(session, actor, form.submission):
            return RedirectResponse(f"{_address(request)}?done=shown", status_code=303)
        vault = actions.vault_of(visit.panel.secret)
        secret = await actions.rotate(session, actor, subscription, vault=vault)
    return _secret(visit, subscription, secret)


async def show_one(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def pause(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, actions.pause, done="paused")


async def resume(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, actions.resume, done="resumed")


async def test(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, actions.test, done="tested")


async def remove(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, actions.remove, done="removed", to=HOME)


async def retry(request: Request, visit: Visit) -> Response:
    async def again(session: WriteSession, actor: Technician, subscription: Subscription) -> None:
        await actions.retry(session, actor, subscription, request.path_params["delivery"])

    return await _change(request, visit, again, done="retried")


async def _change(request: Request, visit: Visit, change: Change, *, done: str, to: str = "") -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician) -> None:
        await change(session, actor, await subscriptions.by_id(session, request.path_params["id"], lock=True))

    try:
        await forms.carry_out(visit, form, act)
    except ConflictError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{to or _address(request)}?done={done}", status_code=303)


def _address(request: Request) -> str:
    return f"{HOME}/{request.path_params['id']}"


def _field(event: Happening) -> str:
    return f"event-{event.value}"


def _secret(visit: Visit, subscription: Subscription, secret: str) -> Response:
    return settings.page(visit, "webhooks", template="webhook_secret", subscription=subscription, secret=secret)


async def _list(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    async with visit.database.read() as session:
        found = await subscriptions.everyone(session)
        latest = await subscriptions.latest(session, found)
    return settings.page(
        visit,
        "webhooks",
        refusal=refusal,
        subscriptions=found,
        latest=latest,
        form=form or Form(),
        events=[(event, _field(event)) for event in Happening],
        words=EVENT_WORDS,
        states=SUBSCRIPTION_WORDS,
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    below = whole(request.query_params.get("before", ""))
    async with visit.database.read() as session:
        subscription = await subscriptions.by_id(session, request.path_params["id"])
        rows, following = await subscriptions.log(session, subscription, below=below)
    return settings.page(
        visit,
        "webhooks",
        template="webhook",
        refusal=refusal,
        subscription=subscription,
        address=_address(request),
        rows=rows,
        next=following,
        is_first=below is None,
        form=form or Form(),
        words=EVENT_WORDS,
        states=SUBSCRIPTION_WORDS,
        calls=CALL_WORDS,
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )
