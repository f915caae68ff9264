"""What the desk did in a range of dates: every table is read once, along the moments of the range."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median_low
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, union_all
from sqlalchemy.orm import aliased

from core.db import ReadSession
from core.models import (
    BY_TECHNICIANS,
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
from core.rules.calls import CallOutcome
from core.rules.closures import Closure
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


_NAMED: Mapping[Whom, tuple[Any, Any]] = {
    Whom.TECHNICIAN: (Technician.id, Technician.name),
    Whom.COMPANY: (Company.id, Company.name),
}

Pair = tuple[datetime, datetime]
Sums = Counter[tuple[int, Service, int]]  # minutes by technician, service and company


@dataclass(frozen=True, slots=True)
class Question:
    """Which tickets are counted: those of a service, of a company; None for all.

    Of a technician (by user name): the tickets they own, and the closings and minutes of their own.
    """

    period: Period
    step: Step
    service: Service | None = None
    company_id: int | None = None
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
    """What a calendar turns into waits: when tickets were opened, with their first answers and with their closings.

    A reopening takes a closing back, a correction does not: the ticket was closed when it first was since then.
    """

    responses: Sequence[Pair]
    resolutions: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the page of reports shows; sequences run along ``steps``.

    ``closed``: closings that stand; one that was reclassified counts as what it became.
    """

    steps: Sequence[date]
    opened: Sequence[int]
    unanswered: Sequence[int]
    closed: Mapping[Closure, Sequence[int]]
    moments: Moments
    stars: Mapping[int, int]
    minutes: Mapping[Whom, Sequence[Minutes]]


async def figures(session: ReadSession, asked: Question) -> Figures:
    """All of it but the waits, which need a calendar."""
    opened, unanswered, responses = await _arrivals(session, asked)
    closed, charged, resolutions = await _endings(session, asked)
    worked = await _worked(session, asked)
    return Figures(
        steps=asked.period.steps(asked.step),
        opened=_along(opened, asked),
        unanswered=_along(unanswered, asked),
        closed={closure: _along(closed[closure], asked) for closure in Closure},
        moments=Moments(responses, resolutions),
        stars=await _stars(session, asked),
        minutes={whom: await _lines(session, whom, _of(whom, worked), _of(whom, charged)) for whom in Whom},
    )


def waits(pairs: Sequence[Pair], asked: Question, calendar: Calendar, *, by: int) -> Waits:
    """The medians; a pair counts in the step of its first (0) or second (1) moment, as ``by`` says."""
    place = _placing(asked)
    waited: defaultdict[int, list[int]] = defaultdict(list)
    everything = calendar.minutes_of(pairs)
    for pair, minutes in zip(pairs, everything, strict=True):
        waited[place(pair[by])].append(minutes)
    steps = range(len(asked.period.steps(asked.step)))
    return Waits(
        [median_low(waited[step]) if waited[step] else None for step in steps],
        median_low(everything) if everything else None,
        len(everything),
    )


async def _arrivals(session: ReadSession, asked: Question) -> tuple[Counter[int], Counter[int], list[Pair]]:
    """Tickets opened in each step, those without an answer yet, and when the others had their first one.

    What the desk opened itself asked for none; a merged ticket has its answer where it goes on.
    """
    theirs = _within(asked, Ticket.created_at, Ticket.assignee_id)
    query = select(Ticket.id, Ticket.created_at, Ticket.opened_by_technician_id, Ticket.merged_into_id).where(*theirs)
    connection = await session.connection()  # past the ORM: there are thousands
    heard = dict((await connection.execute(_heard(theirs))).all())
    place, responses = _placing(asked), []
    opened: Counter[int] = Counter()
    unanswered: Counter[int] = Counter()
    for ticket_id, at, by_desk, merged in await connection.execute(query):
        step = place(at)
        opened[step] += 1
        if by_desk is not None:
            continue
        if ticket_id in heard:
            responses.append((at, heard[ticket_id]))
        elif merged is None:
            unanswered[step] += 1
    return opened, unanswered, responses


def _heard(theirs: Sequence[ColumnElement[bool]]) -> Select[int, datetime]:
    """When the customer first heard of the desk: by an answer, a call in which they spoke, or a closing.

    What is said after a call that failed is no answer.
    """
    after_call = exists().where(CallAttempt.ticket_id == Article.ticket_id, CallAttempt.request_id == Article.id)
    said = union_all(
        _first(
            Article.created_at, Article.ticket_id, *theirs, Article.kind.in_(ANSWERS), BY_TECHNICIANS, ~after_call
        ),
        _first(CallAttempt.at, CallAttempt.ticket_id, *theirs, CallAttempt.outcome.in_(SPOKEN)),
        _first(TicketClosure.at, TicketClosure.ticket_id, *theirs),
    ).subquery("said")
    return select(said.c.ticket_id, func.min(said.c.at)).group_by(said.c.ticket_id)


def _first(at: Any, ticket_id: Any, *conditions: ColumnElement[bool]) -> Select[int, datetime]:
    query = select(ticket_id.label("ticket_id"), func.min(at).label("at")).join(Ticket, Ticket.id == ticket_id)
    return query.where(at >= Ticket.created_at, *conditions).group_by(ticket_id)


async def _endings(session: ReadSession, asked: Question) -> tuple[Mapping[Closure, Counter[int]], Sums, list[Pair]]:
    """Closings that stand in each step by kind, what they charged, and from when to when tickets were open."""
    later = aliased(TicketClosure)
    query = (
        select(
            TicketClosure.at,
            Ticket.created_at,
            TicketClosure.replaces_id,
            exists().where(later.replaces_id == TicketClosure.id),
            TicketClosure.closure,
            *_keys(TicketClosure),
            TicketClosure.charged_minutes,
        )
        .join(Ticket, Ticket.id == TicketClosure.ticket_id)
        .where(TicketClosure.at >= Ticket.reopened_at, *_within(asked, TicketClosure.at, TicketClosure.technician_id))
    )
    rows = await (await session.connection()).execute(query)
    place, resolutions = _placing(asked), []
    closed: defaultdict[Closure, Counter[int]] = defaultdict(Counter)
    charged: Sums = Counter()
    for at, opened, replaces, is_replaced, closure, technician, service, company, minutes in rows:
        if replaces is None:
            resolutions.append((opened, at))
        if not is_replaced:
            closed[closure][place(at)] += 1
            charged[technician, service, company] += minutes
    return closed, charged, resolutions


async def _worked(session: ReadSession, asked: Question) -> Sums:
    keys = _keys(TimeEntry)
    query = select(*keys, func.sum(TimeEntry.minutes)).join(Ticket, Ticket.id == TimeEntry.ticket_id).group_by(*keys)
    rows = await session.execute(query.where(*_within(asked, TimeEntry.at, TimeEntry.technician_id)))
    return Counter({(of[0], of[1], of[2]): int(of[3]) for of in rows})


def _keys(of: type[TimeEntry | TicketClosure]) -> Sequence[Any]:
    """Under what minutes are added up, in the order of ``Whom``. The ticket must be joined."""
    return (of.technician_id, Ticket.service, Ticket.company_id)


def _of(whom: Whom, sums: Sums) -> Counter[Any]:
    place = list(Whom).index(whom)
    found: Counter[Any] = Counter()
    for keys, minutes in sums.items():
        found[keys[place]] += minutes
    return found


async def _stars(session: ReadSession, asked: Question) -> Mapping[int, int]:
    """How many ratings gave 1, 2 … 5 stars."""
    query = (
        select(Rating.stars, func.count())
        .join(TicketClosure, TicketClosure.id == Rating.closure_id)
        .join(Ticket, Ticket.id == TicketClosure.ticket_id)
        .where(Rating.stars.in_(STARS), *_within(asked, Rating.at, TicketClosure.technician_id))  # by their index
        .group_by(Rating.stars)
    )
    counts: dict[int, int] = dict((await session.execute(query)).all())
    return {number: counts.get(number, 0) for number in STARS}


async def _lines(session: ReadSession, whom: Whom, worked: Counter[Any], charged: Counter[Any]) -> Sequence[Minutes]:
    """Who has most first, at most ``LISTED``; nobody whose minutes come to nothing."""
    most = {key: max(worked[key], charged[key]) for key in {*worked, *charged} if worked[key] or charged[key]}
    least = sorted(most.values(), reverse=True)[:LISTED][-1:]
    listed = [key for key, minutes in most.items() if minutes >= least[0]]  # and who has as many as the last
    names: Mapping[Any, str] = {key: str(key) for key in listed}
    if whom in _NAMED and listed:
        key, name = _NAMED[whom]
        names = dict((await session.execute(select(key, name).where(key.in_(listed)))).all())
    lines = [Minutes(names[key], worked[key], charged[key]) for key in listed]
    return sorted(lines, key=lambda line: (-max(line.real, line.charged), line.name))[:LISTED]


def _within(asked: Question, at: Any, by: Any) -> list[ColumnElement[bool]]:
    """In the range, of the service, the company and the technician asked for; ``by``: the column that names them."""
    conditions: list[ColumnElement[bool]] = [at >= asked.period.start, at < asked.period.end]
    if asked.service:
        conditions.append(Ticket.service == asked.service)
    if asked.company_id:
        conditions.append(Ticket.company_id == asked.company_id)
    if asked.technician:
        conditions.append(by.in_(select(Technician.id).where(Technician.username == asked.technician)))
    return conditions


def _along(counts: Mapping[int, int], asked: Question) -> Sequence[int]:
    """The number of each step, in order."""
    return [counts.get(step, 0) for step in range(len(asked.period.steps(asked.step)))]


def _placing(asked: Question) -> Callable[[datetime], int]:
    """Which step a moment of the range lies in."""
    starts = [midnight(day, asked.period.zone) for day in asked.period.steps(asked.step)]
    return lambda at: bisect_right(starts, at) - 1
