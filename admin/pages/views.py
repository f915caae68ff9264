"""Views of the queue: filters kept under a name, changed and thrown away."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import filters, queue
from admin.panel import Visit
from core.actions import views
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.models import Technician

Act = Callable[[WriteSession, Technician, Form], Awaitable[object]]


async def keep(request: Request, visit: Visit) -> Response:
    query = filters.address(request.url.query).removeprefix("/").removeprefix("?")

    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await views.keep(session, actor, name=form.line("name"), query=query)

    return await _perform(request, visit, act)


async def rename(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await views.rename(session, actor, request.path_params["id"], name=form.line("name"))

    return await _perform(request, visit, act)


async def remove(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, form: Form) -> None:
        await views.remove(session, actor, request.path_params["id"])

    return await _perform(request, visit, act)


async def _perform(request: Request, visit: Visit, act: Act) -> Response:
    form = await forms.signed(request, visit)
    try:
        await forms.carry_out(visit, form, lambda session, actor: act(session, actor, form))
    except (InvalidError, ConflictError) as refusal:
        form.refuse(refusal, visit.t)
        return await queue.page(request, visit, status=422, view_form=form)
    return RedirectResponse(filters.address(request.url.query), status_code=303)
