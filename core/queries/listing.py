"""Tickets for programs: filtered, newest number first, by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from core.db import ReadSession
from core.models import Company, Technician, Ticket
from core.queries.folding import contains_words
from core.rules.states import State


@dataclass(frozen=True)
class Filters:
    """What is asked for; ``assignee`` is a user name, empty text stands for nobody's, None for everybody's."""

    states: frozenset[State] | None = None
    ruc: str | None = None
    assignee: str | None = None
    words: str = ""


async def page(
    session: ReadSession, filters: Filters, *, below: int | None, size: int
) -> tuple[Sequence[Ticket], int | None]:
    """At most ``size`` tickets with numbers below ``below``, and the number the next page begins below."""
    query = select(Ticket).join(Ticket.company).options(contains_eager(Ticket.company))
    if filters.states is not None:
        query = query.where(Ticket.state.in_(filters.states))
    if filters.ruc is not None:
        query = query.where(Company.ruc == filters.ruc)
    if filters.assignee == "":
        query = query.where(Ticket.assignee_id.is_(None))
    elif filters.assignee is not None:
        query = query.where(
            Ticket.assignee_id.in_(select(Technician.id).where(Technician.username == filters.assignee))
        )
    if filters.words:
        words = contains_words(filters.words, Ticket.subject, Company.name, Company.ruc)
        number = filters.words.strip().removeprefix("#")
        is_number = number.isascii() and number.isdigit() and len(number) <= 9
        query = query.where(or_(Ticket.number == int(number), words) if is_number else words)
    if below is not None:
        query = query.where(Ticket.number < below)
    found = (await session.scalars(query.order_by(Ticket.number.desc()).limit(size + 1))).all()
    return found[:size], found[size - 1].number if len(found) > size else None
