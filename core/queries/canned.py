"""The answers that are said often."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, or_, select

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import CannedAnswer, Ticket
from core.rules.services import Service


async def listed(session: ReadSession) -> Sequence[CannedAnswer]:
    """All of them, the disabled ones last."""
    query = select(CannedAnswer).order_by(CannedAnswer.is_enabled.desc(), CannedAnswer.title)
    return (await session.scalars(query)).all()


async def offered(session: ReadSession, ticket: Ticket) -> Sequence[CannedAnswer]:
    """Those that fit the ticket's service."""
    return (await session.scalars(_offered(ticket.service))).all()


@cache
def _offered(service: Service) -> Select[CannedAnswer]:
    """Asked for every ticket, so it is put together once."""
    fits = or_(CannedAnswer.service.is_(None), CannedAnswer.service == service)
    return select(CannedAnswer).where(CannedAnswer.is_enabled, fits).order_by(CannedAnswer.title)


async def by_id(session: ReadSession, answer_id: int, *, lock: bool = False) -> CannedAnswer:
    """Raises NotFoundError."""
    found = await session.get(CannedAnswer, answer_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFoundError
    return found


async def has_shortcut(session: ReadSession, shortcut: str, *, besides: int | None = None) -> bool:
    """Whether another answer is called by it."""
    query = select(CannedAnswer.id).where(CannedAnswer.shortcut == shortcut)
    if besides is not None:
        query = query.where(CannedAnswer.id != besides)
    return await session.scalar(query) is not None
