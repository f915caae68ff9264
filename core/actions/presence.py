"""Pages say that somebody has a ticket before them, and whether an answer is being written."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from core.clock import now
from core.db import WriteSession, insert_into
from core.models import Presence, Technician, Ticket

LASTS = timedelta(seconds=45)  # a page says so every twenty: one word may be lost


async def note(session: WriteSession, technician: Technician, ticket: Ticket, *, is_writing: bool) -> None:
    values = {"is_writing": is_writing, "until": now() + LASTS}
    await session.execute(
        insert_into(session.dialect, Presence)
        .values(technician_id=technician.id, ticket_id=ticket.id, **values)
        .on_conflict_do_update(index_elements=[Presence.technician_id, Presence.ticket_id], set_=values)
    )


async def leave(session: WriteSession, technician: Technician, ticket: Ticket) -> None:
    await session.execute(
        delete(Presence).where(Presence.technician_id == technician.id, Presence.ticket_id == ticket.id)
    )


async def forget(session: WriteSession, *, moment: datetime) -> None:
    """Remove who has not said anything for long."""
    await session.execute(delete(Presence).where(Presence.until < moment))
