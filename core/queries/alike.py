"""An open ticket that a new one may be the same as."""

from core.db import ReadSession
from core.models import Binding, Person, Ticket
from core.queries import tickets
from core.rules.similarity import is_same_trouble

LOOKED_AT = 50  # the tickets last active


async def same_trouble(session: ReadSession, person: Person, binding: Binding, subject: str) -> Ticket | None:
    """The open ticket last active that this person may see and that has a similar subject."""
    found = await tickets.last_active(session, person, binding, limit=LOOKED_AT)
    return next((ticket for ticket in found if is_same_trouble(subject, ticket.subject)), None)
