"""Tickets that are written to, with what an article there asks for: read at once for all chats of a transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, inspect, update
from sqlalchemy.orm import attributes

from core.actions import answered
from core.actions.readers import Bound, bound
from core.db import WriteSession
from core.models import OutboxRow, Ticket
from core.queries import tickets

_TICKETS = cast("Table", Ticket.__table__)


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


async def write_together(session: WriteSession, places: Iterable[Surroundings]) -> None:
    """What a batch has changed in its tickets, in one statement; with a version the ORM writes them one by one.

    They are locked, so nobody else can have written to them meanwhile.
    """
    rows: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for ticket in (place.ticket for place in places):
        known = inspect(ticket)
        changed = frozenset(known.mapper.column_attrs.keys()) - known.unmodified
        if changed:
            ticket.version += 1
            values = {name: getattr(ticket, name) for name in (*changed, "version")}
            rows[changed].append({"of": ticket.id} | values)
            for name, value in values.items():
                attributes.set_committed_value(ticket, name, value)
    for changed, of_tickets in rows.items():
        columns: dict[str, Any] = {name: bindparam(name) for name in (*changed, "version")}
        put = update(_TICKETS).where(_TICKETS.c.id == bindparam("of")).values(columns)
        await session.execute(put, of_tickets)
