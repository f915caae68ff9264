"""What was decided over a ticket that has changed meanwhile is looked at again before it is done."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select

from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Article, EventKind, Technician, Ticket, TicketEvent
from core.queries.meanwhile import Seen, not_by
from core.rules.states import is_closed


class GoneOnError(ConflictError):
    """Somebody else has written since the page was drawn."""

    message = N_("Something came in while you were writing. Nothing has been sent yet: read it and decide.")


class OvertakenError(ConflictError):
    """Somebody else has done something that bears on the deed since the page was drawn."""

    message = N_(
        "Somebody was faster: nothing has been done yet. Read what happened, and send it again if it still holds."
    )


class Deed(StrEnum):
    """What overwrites what a colleague decided; whatever only adds something is no deed."""

    TAKE = "take"
    ASSIGN = "assign"
    PENDING = "pending"
    RESUME = "resume"
    SERVICE = "service"
    CLOSE = "close"
    RECLASSIFY = "reclassify"
    REOPEN = "reopen"
    MERGE = "merge"


_HANDS = frozenset({EventKind.TAKEN, EventKind.ASSIGNED, EventKind.PENDING})
_SERVICE = frozenset({EventKind.SERVICE, EventKind.SERVICE_ASKED, EventKind.SERVICE_REFUSED})
_ENDS = frozenset({EventKind.STATE, EventKind.CLOSED, EventKind.CLOSE_ASKED, EventKind.MERGED})

# What others may have done that one has to know of first.
BEARS_ON: Mapping[Deed, frozenset[EventKind]] = {
    Deed.TAKE: _HANDS,
    Deed.ASSIGN: _HANDS,
    Deed.PENDING: _HANDS | _SERVICE | _ENDS,
    Deed.RESUME: frozenset({EventKind.PENDING}) | _ENDS,
    Deed.SERVICE: _SERVICE | _ENDS,
    Deed.CLOSE: _HANDS | _SERVICE | _ENDS,
    Deed.RECLASSIFY: _ENDS,
    Deed.REOPEN: _ENDS,
    Deed.MERGE: _HANDS | _SERVICE | _ENDS,
}
# Held up by an unread message of the customer, too.
NEEDS_READING = frozenset({Deed.PENDING, Deed.CLOSE, Deed.MERGE})
_OF_CLOSED = frozenset({Deed.RECLASSIFY, Deed.REOPEN})


async def refuse_unread(session: WriteSession, actor: Technician, ticket: Ticket, *, seen: int | None) -> None:
    """``seen``: the position of the last article on the page; None: the form does not say. Raises GoneOnError."""
    if seen is not None and await _was_written(session, actor, ticket, after=seen):
        raise GoneOnError


async def refuse_overtaken(
    session: WriteSession, actor: Technician, ticket: Ticket, deed: Deed, *, seen: Seen | None
) -> None:
    """Raises OvertakenError. None: the form does not say what its page showed, which holds up a merging only.

    Where the deed does not go with the state any more, its own refusal says so.
    """
    if is_closed(ticket.state) is not (deed in _OF_CLOSED):
        return
    if seen is None:
        if deed is Deed.MERGE:
            raise OvertakenError
        return
    query = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket.id,
        TicketEvent.id > seen.event,
        TicketEvent.kind.in_(BEARS_ON[deed]),
        not_by(actor, TicketEvent.technician_id),
    )
    if await session.scalar(query.limit(1)) is not None:
        raise OvertakenError
    if deed in NEEDS_READING and await _was_written(session, actor, ticket, after=seen.article):
        raise OvertakenError


async def _was_written(session: WriteSession, actor: Technician, ticket: Ticket, *, after: int) -> bool:
    if after >= ticket.articles_count:
        return False
    query = select(Article.id).where(
        Article.ticket_id == ticket.id, Article.position > after, not_by(actor, Article.technician_id)
    )
    return await session.scalar(query.limit(1)) is not None
