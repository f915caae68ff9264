"""What came in for the desk: what customers wrote, on whichever page of the queue their tickets stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from core.db import ReadSession
from core.models import Article, ArticleKind, Ticket
from core.rules.states import CLOSED

LATEST = 200  # articles looked at: ids become visible out of order


@dataclass(frozen=True, slots=True)
class Come:
    """Words of a customer on an open ticket; ``owner_id``: the technician it is with, None: nobody yet.

    ``responsible_id``: who of Development answers for it while it is pending.
    """

    article_id: int
    number: int
    subject: str
    owner_id: int | None
    responsible_id: int | None


async def latest(session: ReadSession) -> Sequence[Come]:
    """Oldest first."""
    return [Come(*row) for row in (await session.execute(_latest())).all()[::-1]]


def mark() -> ScalarSelect[int]:
    """How far it was read by a page that is drawn now: an article's id."""
    return select(func.coalesce(func.max(Article.id), 0)).scalar_subquery()


@cache
def _latest() -> Select[*tuple[Any, ...]]:
    few = select(Article.id).order_by(Article.id.desc()).limit(LATEST).subquery()
    return (
        select(Article.id, Ticket.number, Ticket.subject, Ticket.assignee_id, Ticket.responsible_id)
        .join(few, few.c.id == Article.id)
        .join(Ticket, Ticket.id == Article.ticket_id)
        .where(Article.kind == ArticleKind.CUSTOMER, ~Article.is_courtesy, Ticket.state.not_in(CLOSED))
        .order_by(Article.id.desc())
    )
