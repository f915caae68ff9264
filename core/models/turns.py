"""Two columns of a ticket follow from its others, whoever changes them: whose turn it is since when, and urgency."""

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import get_history

from core.models.tickets import Ticket
from core.rules.states import CLOSED, urgent_at


@event.listens_for(Ticket, "before_insert")
@event.listens_for(Ticket, "before_update")
def keep_turn(_mapper: Mapper[Ticket], _connection: Connection, ticket: Ticket) -> None:
    take_turn(ticket)


def take_turn(ticket: Ticket) -> None:
    """Whoever does it twice before the ticket is written changes nothing more."""
    before = get_history(ticket, "state").deleted
    if ticket.turn_at is None:
        ticket.turn_at = ticket.created_at
    elif get_history(ticket, "customer_spoke_last").deleted or (before and before[0] in CLOSED):
        ticket.turn_at = ticket.updated_at
    ticket.urgent_at = urgent_at(
        ticket.state, ticket.customer_spoke_last, turn_at=ticket.turn_at, remind_at=ticket.remind_at
    )
