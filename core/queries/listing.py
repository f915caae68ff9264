"""Tickets for programs: filtered, newest number first, by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from core.db import ReadSession
from core.models import Company, Technician, Ticket
from core.queries import search
from core.rules.asking import EVERYTHING, Asked
from core.rules.states import State


@dataclass(frozen=True)
class Filters:
    """What is asked for; ``assignee`` is a user name, empty text stands for nobody's, None for everybody's."""

    states: frozenset[State] | None = None
    ruc: str | None = None
    assignee: str | None = None
    asked: Asked = EVERYTHING


async def page(
    session: ReadSession, filters: Filters, *, below: int | None, size: int, zone: tzinfo
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
    found = await search.newest(
        session, query, filters.asked, eyes=search.STAFF, zone=zone, limit=size + 1, before=below or 0
    )
    return found[:size], found[size - 1].number if len(found) > size else None
