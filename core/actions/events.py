"""The timeline of a ticket, and its one way to change state."""

from typing import Any

from core.clock import now
from core.db import WriteSession
from core.models import EventKind, Person, Technician, Ticket, TicketEvent
from core.rules.states import State, move


def note_event(
    session: WriteSession, ticket: Ticket, kind: EventKind, *, by: Technician | Person | None = None, **data: Any
) -> None:
    """Add a line to the timeline; ``by`` None is the desk itself."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id,
            kind=kind,
            technician_id=by.id if isinstance(by, Technician) else None,
            person_id=by.id if isinstance(by, Person) else None,
            data=data,
            at=now(),
        )
    )


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
