"""What the desk did in a range of dates: one question to the database for each figure, never one a ticket."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median_low
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, union_all
from sqlalchemy.orm import aliased

from core.db import ReadSession
from core.models import (
    Article,
    ArticleKind,
    CallAttempt,
    Company,
    Rating,
    Technician,
    Ticket,
    TicketClosure,
    TimeEntry,
)
from core.rules.calendar import Calendar
from core.rules.closures import CallOutcome, Closure
from core.rules.periods import Period, Step, midnight
from core.rules.services import Service

ANSWERS = (ArticleKind.REPLY, ArticleKind.REQUEST)
SPOKEN = (CallOutcome.ANSWERED_NO_ACCESS, CallOutcome.CONNECTED)  # calls in which the customer was reached
STARS = range(1, 6)
LISTED = 15  # names in a chart


class Whom(StrEnum):
    """Under whose name minutes are added up."""

    TECHNICIAN = "technician"
    SERVICE = "service"
    COMPANY = "company"


_NAMES: Mapping[Whom, tuple[Any, Any]] = {
    Whom.TECHNICIAN: (Technician.id, Technician.name),
    Whom.SERVICE: (Ticket.service, Ticket.service),
    Whom.COMPANY: (Company.id, Company.name),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which tickets are counted: those of a service, of a company by RUC; None for all.

    Of a technician (by user name): the tickets they own, and the closings and minutes of their own.
    """

    period: Period
    step: Step
    service: Service | None = None
    ruc: str | None = None
    technician: str | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """Office minutes somebody waited: the median of each step, None where nobody did, and over the range."""

    by_step: Sequence[int | None]
    median: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes worked and minutes charged under one name."""

    name: str
    real: int
    charged: int


@dataclass(frozen=True, slots=True)
class Moments:
    """Pairs of moments that a calendar turns into waits: some milliseconds a thousand.

    ``unanswered``: when those were opened that have had no answer.
    """

    responses: Sequence[tuple[datetime, datetime]]
    unanswered: Sequence[datetime]
    resolutions: Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page of reports shows; sequences run along ``steps``."""

    steps: Sequence[date]
    opened: Sequence[int]
    unanswered: Sequence[int]
    closed: Mapping[Closure, Sequence[int]]
    moments: Moments
    stars: Mapping[int, int]
    minutes: Mapping[Whom, Sequence[Minutes]]


async def moments(session: ReadSession, asked: Question) -> Moments:
    """Opening and first answer of tickets opened in the range; opening and closing of those closed in it.

    A reopening takes a closing back, a correction does not: the ticket was closed when it first was since then.
    """
    answers = await _answers(session, asked)
    resolutions = (
        select(Ticket.created_at, TicketClosure.at)
        .join(TicketClosure, TicketClosure.ticket_id == Ticket.id)
        .where(TicketClosure.at >= Ticket.reopened_at, TicketClosure.replaces_id.is_(None))
    )
    return Moments(
        [(opened, at) for opened, at in answers if at is not None],
        [opened for opened, at in answers if at is None],
        [
            (opened, at)
            for opened, at in await session.execute(
                resolutions.where(*_within(asked, TicketClosure.at, TicketClosure.technician_id))
            )
        ],
    )


async def _answers(session: ReadSession, asked: Question) -> Sequence[tuple[datetime, datetime | None]]:
    """When customers opened their tickets, and when they first heard of the desk; None: not yet.

    What a technician wrote, a call in which they spoke, or a closing. What is said after a call that failed is
    no answer, and what the desk opened itself asked for none; a merged ticket has its answer where it goes on.
    """
    theirs = [*_within(asked, Ticket.created_at, Ticket.assignee_id), Ticket.opened_by_technician_id.is_(None)]
    ids = select(Ticket.id).where(*theirs)
    of_calls = select(CallAttempt.request_id).where(CallAttempt.request_id.is_not(None))
    said = union_all(
        select(Article.ticket_id, Article.created_at.label("at")).where(
            Article.ticket_id.in_(ids),
            Article.kind.in_(ANSWERS),
            Article.technician_id.is_not(None),
            Article.retracted_at.is_(None),
            Article.id.not_in(of_calls),
        ),
        select(CallAttempt.ticket_id, CallAttempt.at).where(
            CallAttempt.ticket_id.in_(ids), CallAttempt.outcome.in_(SPOKEN)
        ),
        select(TicketClosure.ticket_id, TicketClosure.at).where(TicketClosure.ticket_id.in_(ids)),
    ).subquery()
    first = func.min(said.c.at)
    rows = await session.execute(
        select(Ticket.created_at, first)
        .outerjoin(said, (said.c.ticket_id == Ticket.id) & (said.c.at >= Ticket.created_at))
        .where(*theirs)
        .group_by(Ticket.id)
        .having(first.is_not(None) | Ticket.merged_into_id.is_(None))
    )
    return [(opened, at) for opened, at in rows]


def waits(pairs: Iterable[tuple[datetime, datetime]], asked: Question, calendar: Calendar, *, by: int) -> Waits:
    """The medians; a pair counts in the step of its first (0) or second (1) moment, as ``by`` says."""
    place = _placing(asked)
    waited: defaultdict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        waited[place(pair[by])].append(calendar.minutes_between(*pair))
    everything = [minutes for each in waited.values() for minutes in each]
    steps = range(len(asked.period.steps(asked.step)))
    return Waits(
        [median_low(waited[step]) if waited[step] else None for step in steps],
        median_low(everything) if everything else None,
        len(everything),
    )


async def opened(session: ReadSession, asked: Question) -> Sequence[int]:
    """Tickets opened in each step."""
    rows = await session.scalars(
        select(Ticket.created_at).where(*_within(asked, Ticket.created_at, Ticket.assignee_id))
    )
    return _counted(rows, asked)


async def closed(session: ReadSession, asked: Question) -> Mapping[Closure, Sequence[int]]:
    """Closings that stand in each step by kind; one that was reclassified counts as what it became."""
    query = select(TicketClosure.closure, TicketClosure.at).join(Ticket, Ticket.id == TicketClosure.ticket_id)
    rows = await session.execute(
        query.where(*_within(asked, TicketClosure.at, TicketClosure.technician_id), _stands())
    )
    place = _placing(asked)
    counts = Counter((closure, place(at)) for closure, at in rows)
    steps = range(len(asked.period.steps(asked.step)))
    return {closure: [counts[closure, step] for step in steps] for closure in Closure}


async def stars(session: ReadSession, asked: Question) -> Mapping[int, int]:
    """How many ratings gave 1, 2 … 5 stars."""
    query = (
        select(Rating.stars, func.count())
        .join(TicketClosure, TicketClosure.id == Rating.closure_id)
        .join(Ticket, Ticket.id == TicketClosure.ticket_id)
        .group_by(Rating.stars)
    )
    rows = await session.execute(query.where(*_within(asked, Rating.at, TicketClosure.technician_id)))
    counts: dict[int, int] = dict(rows.all())
    return {number: counts.get(number, 0) for number in STARS}


async def minutes_by(session: ReadSession, asked: Question, whom: Whom, *, most: int) -> Sequence[Minutes]:
    """Minutes worked, and minutes charged by closings that stand; who has most first, at most ``most``."""
    key, name = _NAMES[whom]
    worked = dict(await _summed(session, asked, TimeEntry, TimeEntry.minutes, key))
    charged = dict(await _summed(session, asked, TicketClosure, TicketClosure.charged_minutes, key))
    found = worked.keys() | charged.keys()
    rows = await session.execute(select(key, name).where(key.in_(found)).distinct())
    names: dict[Any, Any] = dict(rows.all())
    lines = [Minutes(str(names[one]), worked.get(one, 0), charged.get(one, 0)) for one in found]
    return sorted(lines, key=lambda line: (-max(line.real, line.charged), line.name))[:most]


async def figures(session: ReadSession, asked: Question) -> Figures:
    """All of it but the waits, which need a calendar."""
    found = await moments(session, asked)
    return Figures(
        steps=asked.period.steps(asked.step),
        opened=await opened(session, asked),
        unanswered=_counted(found.unanswered, asked),
        closed=await closed(session, asked),
        moments=found,
        stars=await stars(session, asked),
        minutes={whom: await minutes_by(session, asked, whom, most=LISTED) for whom in Whom},
    )


async def _summed(
    session: ReadSession, asked: Question, of: type[TimeEntry | TicketClosure], minutes: Any, key: Any
) -> Iterable[tuple[Any, int]]:
    query = (
        select(key, func.sum(minutes))
        .select_from(of)
        .join(Ticket, Ticket.id == of.ticket_id)
        .join(Company, Company.id == Ticket.company_id)
        .join(Technician, Technician.id == of.technician_id)
        .group_by(key)
        .having(func.sum(minutes) != 0)
    )
    if of is TicketClosure:
        query = query.where(_stands())
    rows = await session.execute(query.where(*_within(asked, of.at, of.technician_id)))
    return [(one, int(total)) for one, total in rows]


def _within(asked: Question, at: Any, by: Any) -> list[ColumnElement[bool]]:
    """In the range, of the service, the company and the technician asked for; ``by``: the column that names them."""
    conditions: list[ColumnElement[bool]] = [at >= asked.period.start, at < asked.period.end]
    if asked.service:
        conditions.append(Ticket.service == asked.service)
    if asked.ruc:
        conditions.append(Ticket.company_id.in_(select(Company.id).where(Company.ruc == asked.ruc)))
    if asked.technician:
        conditions.append(by.in_(select(Technician.id).where(Technician.username == asked.technician)))
    return conditions


def _stands() -> ColumnElement[bool]:
    """Neither reopened nor reclassified since: then the next closing counts. The ticket must be joined."""
    later = aliased(TicketClosure)
    return (TicketClosure.at >= Ticket.reopened_at) & ~exists().where(later.replaces_id == TicketClosure.id)


def _counted(moments: Iterable[datetime], asked: Question) -> Sequence[int]:
    """How many of them lie in each step."""
    place = _placing(asked)
    counts = Counter(place(at) for at in moments)
    return [counts[step] for step in range(len(asked.period.steps(asked.step)))]


def _placing(asked: Question) -> Callable[[datetime], int]:
    """Which step a moment of the range lies in."""
    starts = [midnight(day, asked.period.zone) for day in asked.period.steps(asked.step)]
    return lambda at: bisect_right(starts, at) - 1
