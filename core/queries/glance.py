"""What a page asks first, in one question: its stamp, what is counted, and what there is to read at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Label, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from core.db import Moment, ReadSession
from core.errors import NotFoundError
from core.models import (
    Appointment,
    AppointmentState,
    CallAttempt,
    CannedAnswer,
    Company,
    Person,
    Presence,
    ReplyDraft,
    SavedView,
    Technician,
    Ticket,
    TicketLink,
    TimeEntry,
)
from core.queries import changes, queue, strips
from core.queries.strips import Signs
from core.queries.together import KEPT_STATEMENTS, Answers, Question
from core.queries.wanted import Shelf
from core.queries.written import Loaded, Written

STAMP_PARTS = len(changes.ticket_parts())
_COUNTED = [place for place, part in enumerate(changes.ticket_parts()) if isinstance(part, Label)]
_ASSIGNEE, _RESPONSIBLE = aliased(Technician), aliased(Technician)
_TICKET = Loaded(Ticket)
_PEOPLE: Mapping[str, Loaded[Any]] = {
    "company": Loaded(Company),
    "opened_by": Loaded(Person),
    "assignee": Loaded(Technician, _ASSIGNEE),
    "responsible": Loaded(Technician, _RESPONSIBLE),
}


@dataclass(frozen=True, slots=True)
class OfQueue:
    """``signs``: what there is above the queue. ``has_calls``: one is agreed with some customer.

    ``answers``: to what was asked beside.
    """

    stamp: str
    counts: Mapping[Shelf, int]
    signs: Signs
    has_views: bool
    has_calls: bool
    answers: Answers


async def of_queue(
    session: ReadSession,
    technician: Technician,
    *,
    at: datetime,
    beside: tuple[Question[Any], ...],
    asked_with: Mapping[str, object],
) -> OfQueue:
    """``beside``: what else the page asks in any case, the first lines among it; ``asked_with``: for that."""
    wanted = {**asked_with, **strips.moments(at), "technician_id": technician.id}
    row = await _of_queue(beside).one(session, wanted)
    assert row is not None
    found = iter(row)
    return OfQueue(
        changes.stamp(islice(found, changes.QUEUE_SUMS)),
        dict(zip(queue.COUNTED, found, strict=False)),
        Signs(*islice(found, len(Signs._fields))),
        has_views=next(found),
        has_calls=next(found),
        answers=Answers(beside, found),
    )


@dataclass(frozen=True, slots=True)
class OfTicket:
    """What hangs on a ticket: what there is not need not be asked for.

    ``is_continued``: others go on with it. ``has_drafts``: of the reader. ``has_others``: colleagues look at it now.
    ``has_canned``: the desk has answers that are said often.
    """

    stamp: str = ""
    has_deliveries: bool = True
    has_files: bool = True
    has_versions: bool = True
    has_timers: bool = True
    has_calls: bool = True
    has_times: bool = True
    has_appointments: bool = True
    is_linked: bool = True
    is_continued: bool = True
    has_merged: bool = True
    has_drafts: bool = True
    has_others: bool = True
    has_canned: bool = True


EVERYTHING = OfTicket()  # for who has not looked


async def of_ticket(
    session: ReadSession, number: int, reader: Technician, *, at: datetime
) -> tuple[Ticket, OfTicket]:
    """The ticket with all that ``tickets.by_number`` reads, before the rest: what comes meanwhile is told later.

    Raises NotFoundError.
    """
    wanted = {"number": number, "reader_id": reader.id, "at": at}
    row = await _of_ticket().one(session, wanted)
    if row is None:
        raise NotFoundError
    values = iter(row)
    people = {name: kind.of(values) for name, kind in _PEOPLE.items()}
    ticket = _TICKET.of(values, **people)
    assert ticket is not None
    parts = list(islice(values, STAMP_PARTS))
    counted = [bool(parts[place]) for place in _COUNTED]
    return ticket, OfTicket(changes.stamp(parts), *counted, *values)


@cache
def _of_ticket() -> Written:
    other = aliased(Ticket)
    conditions = (
        [CallAttempt.ticket_id == Ticket.id],
        [TimeEntry.ticket_id == Ticket.id],
        [Appointment.ticket_id == Ticket.id],
        [or_(TicketLink.ticket_id == Ticket.id, TicketLink.other_id == Ticket.id)],
        [other.continues_id == Ticket.id],
        [other.merged_into_id == Ticket.id],
        [ReplyDraft.ticket_id == Ticket.id, ReplyDraft.technician_id == bindparam("reader_id")],
        [
            Presence.ticket_id == Ticket.id,
            Presence.technician_id != bindparam("reader_id"),
            Presence.until > bindparam("at", type_=Moment()),
        ],
    )
    signs = [exists().where(*condition).correlate(Ticket) for condition in conditions]
    columns = [column for kind in (*_PEOPLE.values(), _TICKET) for column in kind.columns]
    query = select(*columns, *changes.ticket_parts(), *signs, exists().where(CannedAnswer.is_enabled))
    query = query.select_from(Ticket).join(Ticket.company).outerjoin(Ticket.opened_by)
    query = query.outerjoin(Ticket.assignee.of_type(_ASSIGNEE)).outerjoin(Ticket.responsible.of_type(_RESPONSIBLE))
    return Written(query.where(Ticket.number == bindparam("number")))


@lru_cache(KEPT_STATEMENTS)
def _of_queue(beside: tuple[Question[Any], ...]) -> Written:
    query = select(
        *changes.queue_sums(),
        *queue.shelf_counts(),
        *strips.signs(),
        exists().where(SavedView.technician_id == bindparam("technician_id")),
        exists().where(Appointment.state == AppointmentState.AGREED),
        *(question.text for question in beside),
    )
    return Written(query)
