"""Linking tickets by hand: both say so, on both the event stands, and no customer hears of it."""

from sqlalchemy import delete

from core.actions.authorize import authorize
from core.actions.events import note_event
from core.clock import now
from core.db import WriteSession
from core.errors import InvalidError, NotFoundError
from core.i18n import N_
from core.models import EventKind, Technician, Ticket, TicketLink
from core.queries import following
from core.queries.tickets import by_number
from core.rules.permissions import Permission


async def link(session: WriteSession, actor: Technician, ticket: Ticket, *, number: int) -> None:
    """Say that the two have to do with each other, of whichever companies; said twice it is said once."""
    authorize(actor, Permission.LINK_TICKETS)
    if number == ticket.number:
        raise InvalidError(N_("This is the number of this very ticket."), field="number")
    try:
        other = await by_number(session, number)
    except NotFoundError:
        raise InvalidError(N_("There is no ticket #%(number)s."), field="number", number=number) from None
    if other.id in {known.id for known in await following.by_hand(session, ticket)}:
        return
    older, newer = sorted((ticket.id, other.id))
    session.add(TicketLink(ticket_id=older, other_id=newer, technician_id=actor.id, at=now()))
    _note_both(session, actor, EventKind.LINKED, ticket, other)
    await session.flush()


async def unlink(session: WriteSession, actor: Technician, ticket: Ticket, *, number: int) -> None:
    """They have nothing to do with each other after all. Raises NotFoundError where they never had."""
    authorize(actor, Permission.LINK_TICKETS)
    other = next((known for known in await following.by_hand(session, ticket) if known.number == number), None)
    if other is None:
        raise NotFoundError
    older, newer = sorted((ticket.id, other.id))
    await session.execute(delete(TicketLink).where(TicketLink.ticket_id == older, TicketLink.other_id == newer))
    _note_both(session, actor, EventKind.UNLINKED, ticket, other)


def _note_both(session: WriteSession, actor: Technician, kind: EventKind, ticket: Ticket, other: Ticket) -> None:
    note_event(session, ticket, kind, by=actor, number=other.number)
    note_event(session, other, kind, by=actor, number=ticket.number)
