"""The timeline of a ticket, and its one way to change state."""

from collections.abc import Mapping
from typing import Any

from core.actions import happenings
from core.actions.happenings import Happened
from core.clock import now
from core.db import WriteSession
from core.models import EventKind, Person, Technician, Ticket, TicketEvent
from core.rules.states import State, move
from core.rules.webhooks import Happening

# What of the timeline is told to programs, too.
_TOLD: Mapping[EventKind, Happening] = {
    EventKind.OPENED: Happening.TICKET_CREATED,
    EventKind.STATE: Happening.STATE_CHANGED,
    EventKind.CLOSED: Happening.TICKET_CLOSED,
}


def note_event(
    session: WriteSession, ticket: Ticket, kind: EventKind, *, by: Technician | Person | None = None, **data: Any
) -> TicketEvent:
    """Add a line to the timeline; ``by`` None is the desk itself."""
    event = TicketEvent(
        ticket_id=ticket.id,
        kind=kind,
        technician_id=by.id if isinstance(by, Technician) else None,
        person_id=by.id if isinstance(by, Person) else None,
        data=data,
        at=now(),
    )
    session.add(event)
    if kind in _TOLD:
        more = data if kind is EventKind.STATE else {}
        happenings.note(session, Happened(_TOLD[kind], ticket, closure=data.get("closure"), more=more))
    return event


def change_state(session: WriteSession, ticket: Ticket, to: State, *, by: Technician | Person | None) -> bool:
    """Move the ticket and note it; False where it is there already. Raises IllegalTransition."""
    if ticket.state is to:
        return False
    before = ticket.state
    ticket.state = move(before, to)
    touch(ticket)
    note_event(session, ticket, EventKind.STATE, by=by, before=before.value, after=to.value)
    return True


def touch(ticket: Ticket) -> None:
    ticket.updated_at = now()
