"""Closing a ticket: the consequence before, and the closing itself."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.headers import attached
from admin.pages import ticket as ticket_page
from admin.pages.work import perform
from admin.panel import Visit
from core.actions import closing, collisions, ledger, report_draft
from core.actions.collisions import Deed
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_, Translator
from core.messaging import letterhead
from core.models import Technician, Ticket
from core.queries import tickets
from core.render import report_pdf
from core.rules.closures import ClosingFacts, Closure
from core.rules.states import is_closed

# In the order of `ticket.seen`, and the bag.
CHANGES = (
    N_("Time recorded: %(before)s → %(after)s min."),
    N_("Calls recorded: %(before)s → %(after)s."),
    N_("The company's purchased hours: %(before)s → %(after)s min."),
    N_("The company's bag: %(before)s → %(after)s min."),
)


async def close(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        wanted = ticket_page.closure_request(form)
        await collisions.refuse_overtaken(session, actor, ticket, Deed.CLOSE, seen=form.seen())
        await ledger.lock(session, ticket.company_id)  # what is compared now is what is charged
        _require_seen(form, await closing.facts(session, ticket, actor=actor), visit.t)
        await closing.close(session, actor, ticket, wanted, office=visit.office)

    return await perform(request, visit, "close", act)


async def reclassify(request: Request, visit: Visit) -> Response:
    async def act(session: WriteSession, actor: Technician, ticket: Ticket, form: Form) -> None:
        wanted = ticket_page.closure_request(form)
        await collisions.refuse_overtaken(session, actor, ticket, Deed.RECLASSIFY, seen=form.seen())
        await ledger.lock(session, ticket.company_id)
        replaced = await closing.latest(session, ticket)
        _require_seen(form, await closing.facts(session, ticket, actor=actor, replaced=replaced), visit.t)
        await closing.reclassify(session, actor, ticket, wanted, office=visit.office)

    return await perform(request, visit, "close", act)


def _require_seen(form: Form, facts: ClosingFacts, t: Translator) -> None:
    """Raises ConflictError with what changed since the form was shown, where it would be something else now.

    The bag counts for who was shown the consequence: what is charged is the same whatever lies in it.
    """
    if is_closed(facts.state):
        return  # the closing itself says so
    before, now = _seen(form), [*ticket_page.seen(facts).split(), str(facts.bag)]
    changes = [
        t(words, before=was, after=is_now)
        for words, was, is_now in zip(CHANGES, before, now, strict=False)
        if was not in (is_now, "")
    ]
    if changes:
        raise ConflictError(
            N_("Something changed while you were writing. Read the consequence again."), reasons=changes
        )


def _seen(form: Form) -> list[str]:
    """In the order of ``CHANGES``; empty is what does not matter to this closing."""
    seen = form.text("seen").split()
    if len(seen) != 3:
        return []
    minutes, calls, purchased = seen
    closure = form.text("closure")
    return [
        minutes,
        calls if closure == Closure.UNSUCCESSFUL else "",
        purchased if closure == Closure.IMPLEMENTATION else "",
        form.text("seen_bag") if closure in (Closure.INVOICED, Closure.IMPLEMENTATION) else "",
    ]


async def draft_report(request: Request, visit: Visit) -> Response:
    """The report as it would be if the ticket closed like the form says, to be read through; nothing changes."""
    form = await forms.signed(request, visit)
    number = ticket_page.number_of(request)
    try:
        wanted = ticket_page.closure_request(form)
    except InvalidError as refusal:
        return await ticket_page.refused(visit, number, "close", form, refusal)
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number)
        snapshot = await report_draft.drafted(session, visit.technician, ticket, wanted, office=visit.office)
    logo = await letterhead.picture(visit.panel.store, snapshot.desk.logo)
    pdf = await asyncio.to_thread(report_pdf.draw_draft, snapshot, t=visit.t, logo=logo)
    headers = attached(f"borrador-{number}.pdf")
    return Response(pdf, media_type="application/pdf", headers=headers)


async def preview(request: Request, visit: Visit) -> Response:
    """The consequence of what the form says now: the line alone for the script, else the whole page."""
    form = await forms.signed(request, visit)
    number = ticket_page.number_of(request)
    status = 200
    try:
        ticket_page.closure_request(form)
    except InvalidError as refusal:
        form.refuse(refusal, visit.t)
        status = status_of(refusal)
    if not form.text("fragment"):
        return await ticket_page.page(visit, number, status=status, forms={"close": form})
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number)
        replaced = await closing.latest(session, ticket) if is_closed(ticket.state) else None
        facts = await closing.facts(session, ticket, actor=visit.technician, replaced=replaced)
    return visit.page("ticket/_consequence.html", plan=ticket_page.consequence(form, facts), form=form)
