"""Stamps that tell whether what a page shows has changed: short, cheap, compared and never read."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db import ReadSession
from core.models import (
    Alarm,
    Article,
    ArticleVersion,
    Attachment,
    DeliveryState,
    FileState,
    OutboxRow,
    Rating,
    Report,
    ResetRequest,
    Ticket,
    TicketClosure,
    TicketEvent,
    Timer,
)
from core.queries.written import at_most

LATEST = 40  # ids become visible out of order: one that comes late is still among these

# Whatever adds a line to one of these tables changes what the queue shows.
_OF_QUEUE = (TicketEvent, Article, ResetRequest, Rating)
QUEUE_SUMS = len(_OF_QUEUE)


async def of_queue(session: ReadSession) -> str:
    """Changes with each new message and with everything that happens to a ticket."""
    return stamp((await session.execute(_queue())).one())


@cache
def _queue() -> Select[*tuple[Any, ...]]:
    return select(*queue_sums())


def queue_sums() -> Sequence[ScalarSelect[int]]:
    """What the stamp of the queue is made of."""
    return [_latest(table.id) for table in _OF_QUEUE]


async def of_tickets(session: ReadSession, numbers: Collection[int]) -> Mapping[int, str]:
    """Number → stamp of its conversation with files, deliveries, reports and timers; unknown ones are missing."""
    if not numbers:
        return {}
    rows = await session.execute(_tickets(), {"numbers": list(numbers)})
    return {number: stamp(rest) for number, *rest in rows}


def of_bar(troubles: int, alarms: Sequence[Alarm]) -> str:
    """Of what stands around every page."""
    return stamp((troubles, *((alarm.id, alarm.level.value) for alarm in alarms)))


@cache
def _tickets() -> Select[*tuple[Any, ...]]:
    """Put together once: doing it costs more than running it."""
    among = Ticket.number.in_(bindparam("numbers", expanding=True))
    return select(Ticket.number, *ticket_parts()).where(among)


def ticket_parts() -> Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]:
    """What the stamp of a ticket is made of."""
    return (
        Ticket.version,
        Ticket.updated_at,
        _count(TicketEvent.id, TicketEvent.ticket_id == Ticket.id),
        _states(OutboxRow.state, DeliveryState, OutboxRow.ticket_id == Ticket.id).label("deliveries"),
        _states(
            Attachment.state, FileState, Attachment.article_id == Article.id, Article.ticket_id == Ticket.id
        ).label("files"),
        _count(Attachment.thumbnail_sha256, Attachment.article_id == Article.id, Article.ticket_id == Ticket.id),
        _count(ArticleVersion.id, ArticleVersion.article_id == Article.id, Article.ticket_id == Ticket.id).label(
            "versions"
        ),
        _count(Report.pdf_sha256, Report.closure_id == TicketClosure.id, TicketClosure.ticket_id == Ticket.id),
        _count(Timer.id, Timer.ticket_id == Ticket.id).label("timers"),
    )


def _latest(id_column: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    latest = select(id_column.label("id")).order_by(id_column.desc()).limit(at_most(LATEST)).subquery()
    return select(func.sum(latest.c.id)).scalar_subquery()


def _count(
    column: ColumnElement[object] | InstrumentedAttribute[object], *where: ColumnElement[bool]
) -> ScalarSelect[int]:
    return select(func.count(column)).where(*where).correlate(Ticket).scalar_subquery()


def _states(
    column: InstrumentedAttribute[object], states: type[StrEnum], *where: ColumnElement[bool]
) -> ScalarSelect[int]:
    """How many rows are in each state, as one number."""
    weights = [(column == state, 13**power) for power, state in enumerate(states)]
    return select(func.sum(case(*weights, else_=0))).where(*where).correlate(Ticket).scalar_subquery()


def stamp(parts: Iterable[object]) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:12]
