"""What a technician does to a ticket, one form each; the rules are in the actions."""

from collections.abc import Awaitable, Callable

from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms, uploads
from admin.errors import HarmfulError, ScannerAwayError, TooLargeError
from admin.forms import Form
from admin.pages import place
from admin.pages import ticket as ticket_page
from admin.panel import Visit
from core.actions import calls, collisions, pending, reopening, reply_drafts, retraction, submissions, tickets
from core.actions.collisions import Deed
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import Composed, Technician, Ticket
from core.queries.tickets import by_number
from core.rules.calls import CallOutcome
from core.rules.requests import Asks

NOBODY = "nobody"  # in place of a technician

Act = Callable[[WriteSession, Technician, Ticket, Form], Awaitable[object]]
Take = Callable[[WriteSession, int, Form], Awaitable[Ticket]]


async def reply(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        wanted = form.text("asks")
        if wanted and wanted not in set(Asks):
            raise InvalidError(N_("Choose what you ask the customer for."), field="asks")
        await collisions.refuse_unread(session, actor, ticket, seen=form.number("read"))
        await tickets.reply(
            session,
            actor,
            ticket,
            text=form.text("text"),
            files=form.files,
            submission=form.submission,
            asks=Asks(wanted) if wanted else None,
            office=visit.office,
        )
        await reply_drafts.discard(session, actor, ticket, form=Composed.REPLY)

    return await perform(request, visit, "reply", act, cap=forms.LARGE)


async def note(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await tickets.note(
            session, actor, ticket, text=form.text("text"), files=form.files, submission=form.submission
        )
        await reply_drafts.discard(session, actor, ticket, form=Composed.NOTE)

    return await perform(request, visit, "note", act, cap=forms.LARGE)


async def retract(request: Request, visit: Visit) -> Response:
    position: int = request.path_params["article"]

    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await retraction.retract(session, actor, ticket, position=position)

    return await perform(request, visit, "retract", act, anchor=f"article-{position}")


async def take(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await collisions.refuse_overtaken(session, actor, ticket, Deed.TAKE, seen=form.seen())
        await tickets.take(session, actor, ticket, office=visit.office)

    return await perform(request, visit, "take", act)


async def assign(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        to = await chosen(session, form)
        await collisions.refuse_overtaken(session, actor, ticket, Deed.ASSIGN, seen=form.seen())
        await tickets.assign(session, actor, ticket, to=to, office=visit.office)

    return await perform(request, visit, "assign", act)


async def chosen(session: WriteSession, form: Form) -> Technician | None:
    """Whose the ticket is to be; None: nobody's. Raises InvalidError."""
    if form.text("assignee") == NOBODY:
        return None
    wanted = form.number("assignee")
    to = await session.get(Technician, wanted) if wanted else None
    if to is None:
        raise InvalidError(N_("Choose somebody who answers tickets."), field="assignee")
    return to


async def reopen(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await collisions.refuse_overtaken(session, actor, ticket, Deed.REOPEN, seen=form.seen())
        await reopening.reopen(session, ticket, actor, office=visit.office)

    return await perform(request, visit, "reopen", act)


async def set_pending(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        remind_at = form.moment("remind_at", visit.t.timezone)
        chosen = form.number("responsible")
        responsible = await session.get(Technician, chosen) if chosen else None
        if responsible is None:
            raise InvalidError(N_("Choose somebody of Development."), field="responsible")
        await collisions.refuse_overtaken(session, actor, ticket, Deed.PENDING, seen=form.seen())
        await pending.set_pending(
            session, actor, ticket, remind_at=remind_at, responsible=responsible, office=visit.office
        )

    return await perform(request, visit, "pending", act)


async def resume(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await collisions.refuse_overtaken(session, actor, ticket, Deed.RESUME, seen=form.seen())
        await pending.resume(session, actor, ticket, office=visit.office)

    return await perform(request, visit, "resume", act)


async def log_call(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        outcome = form.text("outcome")
        if outcome not in set(CallOutcome):
            raise InvalidError(N_("Choose how the call ended."), field="outcome")
        await calls.log_call(
            session, actor, ticket, outcome=CallOutcome(outcome), phone=form.line("phone"), office=visit.office
        )

    return await perform(request, visit, "call", act)


async def log_time(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        await tickets.log_time(session, actor, ticket, minutes=form.needed_number("minutes"), note=form.line("note"))

    return await perform(request, visit, "time", act)


async def alone(session: WriteSession, number: int, form: Form) -> Ticket:
    """The ticket, taken for what is done to it and to no other."""
    return await by_number(session, number, lock=True)


async def perform(
    request: Request,
    visit: Visit,
    name: str,
    act: Act,
    *,
    take: Take = alone,
    cap: int = forms.TEXT,
    anchor: str = "end",
) -> Response:
    """Read the form, do its work once, and go back to the ticket; a refusal brings the form back."""
    async with forms.with_files(request, visit, cap=cap) as form:
        return await _answer(visit, ticket_page.number_of(request), name, form, act, take, anchor=anchor)


async def _answer(visit: Visit, number: int, name: str, form: Form, act: Act, take: Take, *, anchor: str) -> Response:
    try:
        form.files = await uploads.store(visit.panel.store, form.uploads, kept=form.files)
        await _act_once(visit, number, form, act, take)
    except (InvalidError, ConflictError, TooLargeError, HarmfulError, ScannerAwayError) as refusal:
        return await ticket_page.refused(visit, number, name, form, refusal)
    except StaleDataError:
        return await ticket_page.refused(visit, number, name, form, ConflictError())
    return RedirectResponse(f"/tickets/{number}{place.carried(form.text('place'))}#{anchor}", status_code=303)


async def _act_once(visit: Visit, number: int, form: Form, act: Act, take: Take) -> None:
    async def once(session: WriteSession) -> None:
        # as the log-in has just found them, in a session of its own
        actor = await session.merge(visit.technician, load=False)
        ticket = await take(session, number, form)
        if await submissions.is_first(session, actor, form.submission, words=form.key):
            await act(session, actor, ticket, form)

    await visit.database.carry_out(once)
