"""Timers of a ticket, and corrections of the minutes recorded."""

from starlette.requests import Request
from starlette.responses import Response

from admin.forms import Form
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import times
from core.db import WriteSession
from core.models import Technician, Ticket


async def start(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await times.start_timer(session, actor, ticket)

    return await perform(request, visit, "time", act)


async def stop(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await times.stop_timer(session, actor, ticket, request.path_params["timer"])

    return await perform(request, visit, "time", act)


async def correct(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await times.correct(
            session,
            actor,
            ticket,
            request.path_params["entry"],
            minutes=form.needed_number("minutes"),
            reason=form.line("reason"),
            before=form.number("before"),
        )

    return await perform(request, visit, "correction", act)
