"""What a customer says of a ticket besides its articles: that it may close, and how well it was attended to."""

from core.actions import appointments, requests
from core.actions.events import note_event, touch
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import EventKind, Person, Rating, Ticket, TicketClosure
from core.queries import following
from core.rules.ratings import STARS
from core.rules.states import CLOSED

COMMENT_LONGEST = 4000


async def ask_to_close(session: WriteSession, ticket: Ticket, person: Person) -> bool:
    """The customer needs nothing more: the desk is told, once; False where it knows already.

    How a ticket closes is for the desk to say. The ticket is locked by whoever calls. Raises ConflictError.
    """
    if ticket.state in CLOSED:
        raise ConflictError(N_("The ticket is closed already."))
    if ticket.close_asked_at is not None:
        return False
    ticket.close_asked_at = now()
    ticket.customer_spoke_last = True
    touch(ticket)
    note_event(session, ticket, EventKind.CLOSE_ASKED, by=person)
    await requests.end(session, ticket)
    await appointments.cancel(session, ticket)
    return True


async def rate(
    session: WriteSession, ticket: Ticket, closure: TicketClosure, person: Person, *, stars: int
) -> Rating:
    """One rating per closing: another tap changes it and keeps its comment. The ticket is locked."""
    if stars not in STARS:
        raise InvalidError(N_("Choose a number from 1 to 5."), field="stars")
    rating = await following.rating_of(session, closure)
    if rating is None:
        rating = Rating(closure_id=closure.id, person_id=person.id, stars=stars, comment="", at=now())
        session.add(rating)
    elif rating.stars == stars:
        return rating
    rating.person_id, rating.stars, rating.at = person.id, stars, now()
    note_event(session, ticket, EventKind.RATED, by=person, closure=closure.number, stars=stars)
    await session.flush()
    return rating


async def comment(session: WriteSession, rating: Rating, *, text: str) -> None:
    """What the customer adds to the rating; further words replace it."""
    rating.comment = text[:COMMENT_LONGEST]
    await session.flush()
