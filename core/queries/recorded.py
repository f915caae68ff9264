"""What was recorded on a ticket since it was last opened: what a closing is about."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select

from core.db import Moment, ReadSession
from core.models import CallAttempt, Technician, Ticket, TicketClosure, TimeEntry, Timer
from core.queries import times
from core.queries.together import Question
from core.rules.calls import CallOutcome


class Sums(NamedTuple):
    """Minutes recorded, minutes carried, since when the own timer runs, whether a colleague's does, whether there
    were calls."""

    minutes: int | None
    carried: int | None
    timing_since: datetime | None
    others_timing: bool
    has_calls: bool


async def calls(session: ReadSession, ticket: Ticket) -> Sequence[CallOutcome]:
    """How they ended, in order."""
    return (await session.scalars(_calls(), {"ticket_id": ticket.id, "since": ticket.reopened_at})).all()


@cache
def _calls() -> Select[CallOutcome]:
    since = CallAttempt.at >= bindparam("since", type_=Moment())
    query = select(CallAttempt.outcome).where(CallAttempt.ticket_id == bindparam("ticket_id"), since)
    return query.order_by(CallAttempt.at)


def wanted(ticket: Ticket, *, actor: Technician, replaced: TicketClosure | None) -> dict[str, object]:
    """What ``SUMS`` are asked with."""
    return {
        "ticket_id": ticket.id,
        "since": ticket.reopened_at,
        "actor_id": actor.id,
        "but_closure_id": replaced.id if replaced is not None else 0,
    }


def _sums() -> Select[int, int, datetime, bool, bool]:
    ticket_id: ColumnElement[int] = bindparam("ticket_id")
    since = bindparam("since", type_=Moment())
    recorded = select(func.sum(TimeEntry.minutes)).where(TimeEntry.ticket_id == ticket_id, TimeEntry.at >= since)
    is_own = Timer.technician_id == bindparam("actor_id")
    return select(
        recorded.label("minutes"),
        _carried().label("carried"),
        select(Timer.started_at).where(Timer.ticket_id == ticket_id, is_own).label("timing_since"),
        exists().where(Timer.ticket_id == ticket_id, ~is_own).label("others_timing"),
        exists().where(CallAttempt.ticket_id == ticket_id, CallAttempt.at >= since).label("has_calls"),
    )


def _carried() -> Select[int]:
    """Real minutes of charged closings that a reopening took back and no later closing settled.

    Those a reclassification replaced do not count, nor those of the one it is about to replace.
    """
    return select(func.sum(TicketClosure.real_minutes)).where(
        TicketClosure.ticket_id == bindparam("ticket_id"),
        times.is_carried(without=bindparam("but_closure_id")),
    )


SUMS = Question(Sums, _sums())
