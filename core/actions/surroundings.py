"""Tickets that are written to, with what an article there asks for: read at once for all chats of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

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
    """Number → the ticket with its surroundings, or the one it became part of; ``chats`` are those that write."""
    found = await _where_they_go_on(session, await tickets.locked(session, numbers))
    if not found:
        return {}
    ids = {ticket.id for ticket in found.values()}
    requested = {ticket.id for ticket in found.values() if ticket.request_id is not None}
    told = await bound(session, ids)
    asked: dict[int | None, list[OutboxRow]] = {}
    for row in await answered.asked(session, ids, chats=chats, everywhere=requested):
        asked.setdefault(row.ticket_id, []).append(row)
    return {
        number: Surroundings(ticket, told.get(ticket.id, ()), asked.get(ticket.id, ()))
        for number, ticket in found.items()
    }


async def _where_they_go_on(session: WriteSession, found: Mapping[int, Ticket]) -> Mapping[int, Ticket]:
    """Known under the lock only: whoever merged a ticket may have held it as it was asked for."""
    ids = {ticket.merged_into_id for ticket in found.values() if ticket.merged_into_id is not None}
    if not ids:
        return found
    numbers = (await session.scalars(select(Ticket.number).where(Ticket.id.in_(ids)))).all()
    targets = {ticket.id: ticket for ticket in (await tickets.locked(session, numbers)).values()}
    return {number: targets.get(ticket.merged_into_id or 0, ticket) for number, ticket in found.items()}
