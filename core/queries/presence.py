"""Who else has a ticket before them right now."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.models import Presence, Technician, Ticket


async def others(session: ReadSession, ticket: Ticket, reader: Technician, *, at: datetime) -> Sequence[Presence]:
    """Colleagues of the reader with the ticket open, who is writing first."""
    query = (
        select(Presence)
        .where(Presence.ticket_id == ticket.id, Presence.technician_id != reader.id, Presence.until > at)
        .options(joinedload(Presence.technician))
        .order_by(Presence.is_writing.desc(), Presence.technician_id)
    )
    return (await session.scalars(query)).all()


async def of_tickets(
    session: ReadSession, numbers: Collection[int], *, at: datetime
) -> Mapping[int, Mapping[int, bool]]:
    """Ticket number → who is there, by technician's id: whether they are writing."""
    found: defaultdict[int, dict[int, bool]] = defaultdict(dict)
    if numbers:
        query = (
            select(Ticket.number, Presence.technician_id, Presence.is_writing)
            .join(Presence, Presence.ticket_id == Ticket.id)
            .where(Ticket.number.in_(numbers), Presence.until > at)
        )
        for number, technician_id, is_writing in await session.execute(query):
            found[number][technician_id] = is_writing
    return found


def stamp(present: Mapping[int, bool], *, without: int) -> str:
    """Changes when a colleague of that technician comes, goes, or begins to write."""
    seen = sorted((who, writes) for who, writes in present.items() if who != without)
    return " ".join(f"{who}{'w' if writes else ''}" for who, writes in seen) or "-"
