"""Which chats are technicians' own."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.models import StaffChat, Technician

_IN_USE = (StaffChat.ended_at.is_(None), Technician.disabled_at.is_(None))


async def in_use(session: ReadSession) -> Sequence[StaffChat]:
    """All of them, with their technicians."""
    query = select(StaffChat).join(StaffChat.technician).where(*_IN_USE).order_by(StaffChat.id)
    return (await session.scalars(query.options(joinedload(StaffChat.technician)))).all()


async def of_technician(session: ReadSession, technician_id: int) -> StaffChat | None:
    found: StaffChat | None = await session.scalar(
        select(StaffChat).where(StaffChat.technician_id == technician_id, StaffChat.ended_at.is_(None))
    )
    return found


async def of_chat(session: ReadSession, chat_id: int) -> StaffChat | None:
    """The technician's whose chat it is."""
    found: StaffChat | None = await session.scalar(
        select(StaffChat)
        .join(StaffChat.technician)
        .where(StaffChat.chat_id == chat_id, *_IN_USE)
        .options(joinedload(StaffChat.technician))
    )
    return found
