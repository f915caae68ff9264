"""What a technician has written on a ticket and not sent."""

from collections.abc import Mapping

from sqlalchemy import select

from core.db import ReadSession
from core.models import Composed, ReplyDraft, Technician, Ticket


async def of(session: ReadSession, technician: Technician, ticket: Ticket) -> Mapping[Composed, ReplyDraft]:
    """The technician's drafts on the ticket, by form."""
    query = select(ReplyDraft).where(ReplyDraft.technician_id == technician.id, ReplyDraft.ticket_id == ticket.id)
    return {draft.form: draft for draft in await session.scalars(query)}
