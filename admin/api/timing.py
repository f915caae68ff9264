"""Timers that run on the server, and corrections of minutes, for programs."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from admin.api import models
from admin.api.access import Api, ApiParts, Caller, Guarded
from admin.api.fields import Id, Line, TicketNumber, Whole
from admin.api.idempotency import ONCE
from admin.api.problems import described
from admin.api.views import View
from admin.api.work import on_ticket
from core.actions import times
from core.db import WriteSession
from core.models import Technician, Ticket, Timer
from core.queries import times as found

router = APIRouter(tags=["time"], route_class=Guarded, responses=described(401, 403, 422))


class NewCorrection(models.Wanted):
    minutes: Whole = Field(description="what it should have been; 0 takes the entry out of the sum", examples=[10])
    reason: Line = Field(examples=["Se contó la pausa"])


class TimerOut(BaseModel):
    """Counts minutes on the server until it is stopped."""

    id: int
    ticket: int = Field(examples=[1042])
    started_at: datetime


class TimersOut(BaseModel):
    items: list[TimerOut]


def _shown(timer: Timer, ticket: Ticket, api: Api) -> TimerOut:
    return TimerOut(id=timer.id, ticket=ticket.number, started_at=timer.started_at.astimezone(api.office.t.timezone))


@router.get("/timers", response_model=TimersOut)
async def list_timers(api: ApiParts, caller: Caller) -> TimersOut:
    """The caller's own timers that run, the oldest first."""
    async with api.database.read() as session:
        timers = await found.of_technician(session, caller)
    return TimersOut(items=[_shown(timer, timer.ticket, api) for timer in timers])


@router.post(
    "/tickets/{number}/timer/start",
    status_code=201,
    response_model=TimerOut,
    responses=described(404, 409),
    dependencies=[ONCE],
)
async def start(number: TicketNumber, request: Request, api: ApiParts, caller: Caller) -> Response:
    """Start counting the caller's minutes; a timer that runs already goes on, and is the answer."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        return _shown(await times.start_timer(session, actor, ticket), ticket, api)

    return await on_ticket(request, api, caller, number, change, status=201)


@router.post(
    "/tickets/{number}/timer/{id}/stop",
    status_code=201,
    response_model=models.TimeOut,
    responses=described(404, 409),
    dependencies=[ONCE],
)
async def stop(
    number: TicketNumber,
    timer_id: Id,
    request: Request,
    api: ApiParts,
    caller: Caller,
) -> Response:
    """Stop a timer; its minutes become a time entry of whoever started it."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        entry = await times.stop_timer(session, actor, ticket, timer_id)
        await session.refresh(entry, ["technician"])
        return View(api.office).time(entry)

    return await on_ticket(request, api, caller, number, change, status=201)


@router.post(
    "/tickets/{number}/time/{id}/correction",
    response_model=models.TimeOut,
    responses=described(404, 409, 413),
    dependencies=[ONCE],
)
async def correct(
    number: TicketNumber,
    entry_id: Id,
    request: Request,
    api: ApiParts,
    caller: Caller,
    wanted: NewCorrection,
) -> Response:
    """Change the minutes of an entry; what it was, who changed it and why are kept."""

    async def change(session: WriteSession, actor: Technician, ticket: Ticket) -> BaseModel:
        entry = await times.correct(session, actor, ticket, entry_id, minutes=wanted.minutes, reason=wanted.reason)
        await session.refresh(entry, ["technician"])
        return View(api.office).time(entry)

    return await on_ticket(request, api, caller, number, change)
