"""One deed on many tickets of the queue: each on its own, and of those refused one reads why and what others did."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import Response

from admin import forms
from admin.errors import text_of
from admin.forms import Form, whole
from admin.pages import lines, queue, work
from admin.panel import Visit
from core.actions import pending, submissions, tickets
from core.db import WriteSession
from core.errors import ConflictError, DeskError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import Technician, Ticket
from core.queries import dossier, meanwhile
from core.queries.dossier import Closing
from core.queries.meanwhile import Meanwhile, Seen
from core.queries.queue import PAGE, last_event
from core.queries.tickets import by_number
from core.rules.states import is_closed

Act = Callable[[WriteSession, Technician, Ticket], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Ticked:
    """A line as it was shown: the ticket's version, and how far it was shown, where the tick says."""

    number: int
    version: int
    seen: Seen | None = None


@dataclass
class Refused:
    """A ticket that it was not done to: why, and what others have done to it since the list was shown."""

    line: Ticked
    reason: str
    meanwhile: Meanwhile | None = None
    closings: Mapping[int, Closing] = field(default_factory=dict)  # by number
    again: str = ""  # its tick, with what is told here counted as shown

    @property
    def number(self) -> int:
        return self.line.number


@dataclass
class Result:
    """Numbers of the tickets that it was done to, and the ones it was not."""

    done: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def again(self) -> Sequence[str]:
        """Ticks of what may go on now that one has read what happened."""
        return [one.again for one in self.refused if one.again]


async def take(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await tickets.take(session, actor, ticket, office=visit.office)

    form = await forms.signed(request, visit)
    return await _each(request, visit, form, act)


async def assign(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        await tickets.assign(session, actor, ticket, to=await work.chosen(session, form), office=visit.office)

    return await _each(request, visit, form, act)


async def set_pending(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
        remind_at = form.moment("remind_at", visit.t.timezone)
        wanted = form.number("responsible")
        responsible = await session.get(Technician, wanted) if wanted else None
        if responsible is None:
            raise InvalidError(N_("Choose somebody of Development."), field="responsible")
        await pending.set_pending(
            session, actor, ticket, remind_at=remind_at, responsible=responsible, office=visit.office
        )

    return await _each(request, visit, form, act)


async def _each(request: Request, visit: Visit, form: Form, act: Act) -> Response:
    result = Result()
    for line in _tickets(form):
        try:
            await _one(visit, form, line, act)
            result.done.append(line.number)
        except InvalidError as refusal:  # what the form says is wrong for every ticket
            form.refuse(refusal, visit.t)
            return await queue.page(request, visit, status=422, bulk_form=form)
        except StaleDataError:
            result.refused.append(await _told(visit, line, ConflictError()))
        except DeskError as refusal:
            result.refused.append(await _told(visit, line, refusal))
    if not result.done and not result.refused:
        form.notice = visit.t("Tick the tickets first.")
        return await queue.page(request, visit, status=422, bulk_form=form)
    # under an id of its own: what was done is not what is done to the rest
    rest = Form(values=form.values, chosen=result.again) if result.again else None
    return await queue.page(request, visit, status=200 if result.done else 409, bulk_form=rest, result=result)


async def _one(visit: Visit, form: Form, line: Ticked, act: Act) -> None:
    async def once(session: WriteSession) -> None:
        ticket = await by_number(session, line.number, lock=True)
        actor = await session.get_one(Technician, visit.technician.id)
        if not await submissions.is_first(session, actor, f"{form.submission}-{line.number}", words=form.words):
            return
        if ticket.version != line.version:
            raise ConflictError(N_("It has changed since the list was shown."))
        await act(session, actor, ticket)

    await visit.database.carry_out(once)


async def _told(visit: Visit, line: Ticked, refusal: DeskError) -> Refused:
    refused = Refused(line, text_of(refusal, visit.t))
    if line.seen is None or isinstance(refusal, NotFoundError):
        return refused
    async with visit.database.read() as session:
        ticket = await by_number(session, line.number)
        last = await last_event(session, ticket)  # before the rest: what comes meanwhile is told later
        refused.meanwhile = await meanwhile.of_others(session, visit.technician, ticket, line.seen)
        refused.closings = {one.closure.number: one for one in await dossier.closings(session, ticket)}
        if not is_closed(ticket.state) and isinstance(refusal, ConflictError):
            refused.again = lines.ticked(ticket, last)
    return refused


def _tickets(form: Form) -> list[Ticked]:
    """Each line that was ticked, once."""
    found = {}
    for tick in form.chosen[:PAGE]:
        numbers = [whole(part) for part in tick.split(":")]
        match numbers:
            case [int(number), int(version), int(event), int(article)]:
                found[number] = Ticked(number, version, Seen(event, article))
            case [int(number), int(version)]:
                found[number] = Ticked(number, version)
    return list(found.values())
