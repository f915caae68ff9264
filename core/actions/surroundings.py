"""Tickets that are written to, with what an article there asks for: read at once for all chats of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.actions import answered
from core.actions.readers import Bound, bound
from core.db import WriteSession
from core.models import OutboxRow, Ticket
from core.queries import tickets


@dataclass(frozen=True)
class Surroundings:
    """A ticket, locked for the transaction; who may be told of news in it; what the chats were asked about it."""

    ticket: Ticket
    bound: Sequence[Bound]
    asked: Sequence[OutboxRow]


async def look_round(
    session: WriteSession, numbers: Collection[int], *, chats: Collection[int]
) -> Mapping[int, Surroundings]:
    """Number → the ticket with its surroundings; ``chats`` are those that write."""
    found = await tickets.locked(session, numbers)
    if not found:
        return {}
    ids = {ticket.id for ticket in found.values()}
    requested = {ticket.id for ticket in found.values() if ticket.request_id is not None}
    told = await bound(session, ids)
    asked = await answered.asked(session, ids, chats=chats, everywhere=requested)
    return {
        number: Surroundings(ticket, told.get(ticket.id, ()), [row for row in asked if row.ticket_id == ticket.id])
        for number, ticket in found.items()
    }
