"""One deed on many tickets of the queue: each on its own, and a line says what was refused and why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import Response

from admin import forms
from admin.errors import text_of
from admin.forms import Form
from admin.pages import queue
from admin.panel import Visit
from core.actions import submissions, tickets
from core.db import WriteSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_
from core.models import Technician, Ticket
from core.queries.queue import PAGE
from core.queries.tickets import by_number

Act = Callable[[WriteSession, Technician, Ticket], Awaitable[object]]


@dataclass
class Result:
    """Numbers of the tickets that it was done to; of those it was not, with the reason."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


async def take(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await tickets.take(session, actor, ticket, office=visit.office)

    form = await forms.signed(request, visit)
    return await _each(request, visit, form, act)


async def assign(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        to = await _chosen(session, form, "assignee", N_("Choose somebody who answers tickets."))
        await tickets.assign(session, actor, ticket, to=to, office=visit.office)

    return await _each(request, visit, form, act)


async def set_pending(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        remind_at = form.moment("remind_at", visit.t.timezone)
        responsible = await _chosen(session, form, "responsible", N_("Choose somebody of Development."))
        await tickets.set_pending(
            session, actor, ticket, remind_at=remind_at, responsible=responsible, office=visit.office
        )

    return await _each(request, visit, form, act)


async def _chosen(session: WriteSession, form: Form, name: str, reason: str) -> Technician:
    chosen = form.number(name)
    technician = await session.get(Technician, chosen) if chosen else None
    if technician is None:
        raise InvalidError(reason, field=name)
    return technician


async def _each(request: Request, visit: Visit, form: Form, act: Act) -> Response:
    result = Result()
    for number, version in _tickets(form):
        try:
            await _one(visit, form, number, version, act)
            result.done.append(number)
        except InvalidError as refusal:  # what the form says is wrong for every ticket
            form.refuse(refusal, visit.t)
            return await queue.page(request, visit, status=422, bulk_form=form)
        except StaleDataError:
            result.refused.append((number, text_of(ConflictError(), visit.t)))
        except DeskError as refusal:
            result.refused.append((number, text_of(refusal, visit.t)))
    if not result.done and not result.refused:
        form.notice = visit.t("Tick the tickets first.")
        return await queue.page(request, visit, status=422, bulk_form=form)
    return await queue.page(request, visit, status=200 if result.done else 409, result=result)


async def _one(visit: Visit, form: Form, number: int, version: int, act: Act) -> None:
    async with visit.database.write() as session:
        ticket = await by_number(session, number, lock=True)
        actor = await session.get_one(Technician, visit.technician.id)
        if not await submissions.is_first(session, actor, f"{form.submission}-{number}"):
            return
        if ticket.version != version:
            raise ConflictError(N_("It has changed since the list was shown."))
        await act(session, actor, ticket)


def _tickets(form: Form) -> list[tuple[int, int]]:
    """Number and version of each line that was ticked, once."""
    pairs = (line.partition(":") for line in form.chosen[:PAGE])
    found = {
        int(number): int(version)
        for number, _, version in pairs
        if all(part.isascii() and part.isdigit() and len(part) <= 9 for part in (number, version))
    }
    return list(found.items())
