"""Opening a closed ticket again."""

from datetime import datetime

from sqlalchemy import select

from core.actions import audit, notify
from core.actions.authorize import authorize
from core.actions.events import change_state
from core.actions.ledger import reverse_closure
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError
from core.models import Person, Technician, Ticket, TicketClosure
from core.queries import ledger, policy
from core.render.office import Office
from core.render.words import REOPEN_REFUSAL_WORDS
from core.rules.permissions import Permission
from core.rules.reopening import ReopeningFacts, reopen_refusals
from core.rules.states import State


async def reopen(
    session: WriteSession, ticket: Ticket, actor: Technician | Person, *, office: Office, at: datetime | None = None
) -> None:
    """Back to open, by the customer's tap or by the desk, then audited; what the closing charged is countered.

    The ticket is locked by whoever calls. Raises ConflictError with the reason, and nothing has changed.
    """
    technician, person = (actor, None) if isinstance(actor, Technician) else (None, actor)
    if technician is not None:
        authorize(technician, Permission.REOPEN)
    moment = at or now()
    closure = await _last_closure(session, ticket)
    facts = ReopeningFacts(
        state=ticket.state,
        closed_at=closure.at if closure else None,
        hour_invoiced=closure is not None and await ledger.invoiced_with(session, closure.id) is not None,
        by_desk=technician is not None,
        grace_days=(await policy.desk_policy(session)).grace_days,
    )
    against = reopen_refusals(facts, moment)
    if against or closure is None:
        raise ConflictError(REOPEN_REFUSAL_WORDS[against[0]], reasons=against)
    await reverse_closure(session, closure, actor=technician, at=moment)
    if technician is not None:
        kind, number = closure.closure.value, closure.number
        audit.record(
            session, technician, "ticket.reopened", on=f"ticket {ticket.number}", before=kind, closure=number
        )
    change_state(session, ticket, State.OPEN, by=actor)
    ticket.reopened_at, ticket.close_asked_at = moment, None
    ticket.customer_spoke_last = person is not None
    await notify.tell_reopened(session, ticket, author=person, office=office)


async def _last_closure(session: ReadSession, ticket: Ticket) -> TicketClosure | None:
    return await session.scalar(
        select(TicketClosure)
        .where(TicketClosure.ticket_id == ticket.id, TicketClosure.number == ticket.closures_count)
        .limit(1)
    )
