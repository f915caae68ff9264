"""Which chats are technicians' own."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from core.db import ReadSession
from core.models import StaffChat, Technician

_IN_USE = (StaffChat.ended_at.is_(None), Technician.disabled_at.is_(None))


async def in_use(session: ReadSession, *, stay: bool = False) -> Sequence[StaffChat]:
    """All of them, with their technicians; ``stay``: none ends before this transaction does."""
    return (await session.scalars(_all_in_use(stay=stay))).all()


@cache
def _all_in_use(*, stay: bool) -> Select[StaffChat]:
    """Asked for everything that happens, so it is put together once."""
    query = select(StaffChat).join(StaffChat.technician).where(*_IN_USE).order_by(StaffChat.id)
    query = query.options(contains_eager(StaffChat.technician))
    return query.with_for_update(read=True, of=StaffChat) if stay else query


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
