"""What others did to a ticket after somebody had its page drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from core.db import ReadSession
from core.models import Article, EventKind, Technician, Ticket, TicketEvent
from core.queries.thread import TOLD_OTHERWISE
from core.rules.states import State

SHOWN = 20  # of each, the latest


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a ticket was read: the id of its last event and the position of its last article."""

    event: int
    article: int


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What came since then, oldest first."""

    events: Sequence[TicketEvent]
    articles: Sequence[Article]

    def __bool__(self) -> bool:
        return bool(self.events or self.articles)


async def of_others(session: ReadSession, reader: Technician, ticket: Ticket, seen: Seen) -> Meanwhile:
    events = await session.scalars(
        select(TicketEvent)
        .where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.id > seen.event,
            TicketEvent.kind.not_in(TOLD_OTHERWISE),
            not_by(reader, TicketEvent.technician_id),
        )
        .options(joinedload(TicketEvent.technician), joinedload(TicketEvent.person))
        .order_by(TicketEvent.id.desc())
        .limit(SHOWN)
    )
    articles = await session.scalars(
        select(Article)
        .where(
            Article.ticket_id == ticket.id,
            Article.position > seen.article,
            not_by(reader, Article.technician_id),
        )
        .options(joinedload(Article.person), joinedload(Article.technician), selectinload(Article.attachments))
        .order_by(Article.position.desc())
        .limit(SHOWN)
    )
    told = [event for event in events if not _comes_along(event)]
    return Meanwhile(told[::-1], articles.all()[::-1])


def _comes_along(event: TicketEvent) -> bool:
    """Whether it follows from something else that is told: an answer, a taking, a closing."""
    is_back = event.data.get("after") == State.OPEN and event.data.get("before") != State.NEW
    return event.kind is EventKind.STATE and not is_back and (event.technician or event.person) is not None


def not_by(reader: Technician, technician: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """By a colleague, a customer, or the desk itself."""
    return or_(technician.is_(None), technician != reader.id)
