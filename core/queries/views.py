"""The views of the queue a technician keeps."""

from collections.abc import Sequence

from sqlalchemy import select

from core.db import ReadSession
from core.models import SavedView, Technician


async def of(session: ReadSession, technician: Technician) -> Sequence[SavedView]:
    """In the order they were made."""
    query = select(SavedView).where(SavedView.technician_id == technician.id).order_by(SavedView.id)
    return (await session.scalars(query)).all()
