"""Calls to the customer: recorded with how they ended; one that failed asks when to try again."""

from datetime import datetime

from core.actions import appointments, requests, tickets
from core.actions.authorize import authorize
from core.actions.events import note_event, touch
from core.clock import now
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.models import CallAttempt, EventKind, Technician, Ticket
from core.render.office import Office
from core.render.requests import called_words
from core.rules.calls import CallOutcome
from core.rules.permissions import Permission
from core.rules.requests import ASKED_AFTER_CALL


async def log_call(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    outcome: CallOutcome,
    phone: str | None = None,
    at: datetime | None = None,
    office: Office,
) -> CallAttempt:
    """Record a call to the customer; ``at`` defaults to now and may not lie ahead."""
    authorize(actor, Permission.LOG_CALL)
    tickets.require_open(ticket)
    moment = at or now()
    if moment > now():
        raise InvalidError(N_("A call cannot lie ahead."), field="at")
    attempt = CallAttempt(
        ticket_id=ticket.id,
        technician_id=actor.id,
        outcome=outcome,
        phone=(phone or "").strip()[:40] or None,
        at=moment,
        request=None,
    )
    session.add(attempt)
    touch(ticket)
    note_event(session, ticket, EventKind.CALL, by=actor, outcome=outcome.value, phone=attempt.phone)
    await session.flush()
    await appointments.settle_by(session, ticket, attempt)
    await _ask(session, actor, ticket, attempt, office=office)
    return attempt


async def _ask(
    session: WriteSession, actor: Technician, ticket: Ticket, call: CallAttempt, *, office: Office
) -> None:
    """What the call leaves to be asked, in the words of whoever opened the ticket."""
    asks = ASKED_AFTER_CALL.get(call.outcome)
    if asks is None:
        return
    t = requests.reader_of(ticket, office=office)
    text = called_words(t, call.outcome, at=call.at, phone=call.phone or "", today=now())
    call.request = await tickets.say(session, actor, ticket, text=text, asks=asks, office=office)
    await session.flush()
