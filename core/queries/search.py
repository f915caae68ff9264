"""Finding tickets by number, words, states and dates: the newest first, a keyset page at a time, alike everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    cast,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from core.db import ReadSession
from core.models import (
    FOR_CUSTOMERS,
    WORDS_VECTOR,
    Article,
    ArticleKind,
    Attachment,
    Binding,
    Person,
    Ticket,
    TicketWords,
)
from core.queries.tickets import visible
from core.rules.asked_dates import Days
from core.rules.asking import Asked
from core.rules.identity import Sight, may_see
from core.rules.limits import shorten
from core.rules.words import Mark, Piece, Term, company_token, excerpt, person_token, with_notes

EXCERPT_AROUND = 60
WINDOW = 3000  # numbers
ARTICLES_READ = 1000  # of a page's tickets, to say why they were found


@dataclass(frozen=True)
class Eyes:
    """Who looks: what may be found besides what was asked. ``terms`` are only there to find it fast."""

    terms: tuple[Term, ...]
    conditions: tuple[ColumnElement[bool], ...]
    sees_notes: bool


@dataclass(frozen=True)
class Reason:
    """Why a ticket was found: words of it, when they were said, and whether they are a file's name or a note's."""

    pieces: tuple[Piece, ...]
    at: datetime
    is_file: bool = False
    is_note: bool = False


@dataclass(frozen=True)
class Found:
    """A page, newest first; ``newer``/``older`` are the numbers to page from, 0 where there is no more."""

    tickets: Sequence[Ticket]
    reasons: Mapping[int, Reason]
    newer: int
    older: int


TICKETS = select(Ticket)
STAFF = Eyes((), (), sees_notes=True)


def customer(person: Person, binding: Binding) -> Eyes:
    """The company's tickets when verified, else those opened from this chat; never a note."""
    terms: tuple[Term, ...] = ((Mark(company_token(binding.company_id)),),)
    if not may_see(binding.level, Sight.COMPANY_TICKETS):
        terms += ((Mark(person_token(person.id)),),)
    return Eyes(terms, (visible(person, binding, scope="company"),), sees_notes=False)


async def find(
    session: ReadSession,
    query: Select[Ticket],
    asked: Asked,
    *,
    eyes: Eyes,
    zone: tzinfo,
    size: int,
    before: int = 0,
    after: int = 0,
) -> Found:
    """The tickets of ``query`` that were asked for: older than ``before``, or newer than ``after``, or the newest."""
    found = await newest(session, query, asked, eyes=eyes, zone=zone, limit=size + 1, before=before, after=after)
    has_more = len(found) > size
    tickets = found[-size:] if after else found[:size]
    newer, older = (has_more, True) if after else (bool(before), has_more)
    return Found(
        tickets=tickets,
        reasons=await _reasons(session, tickets, asked, eyes=eyes),
        newer=tickets[0].number if tickets and newer else 0,
        older=tickets[-1].number if tickets and older else 0,
    )


async def newest(
    session: ReadSession,
    query: Select[Ticket],
    asked: Asked,
    *,
    eyes: Eyes,
    zone: tzinfo,
    limit: int,
    before: int = 0,
    after: int = 0,
) -> Sequence[Ticket]:
    """The ``limit`` newest tickets asked for, older than ``before``; or those that follow ``after``. Newest first."""
    for window in await _windows(session, asked, before=before, after=after):
        narrowed, number = _matching(session, query, asked, eyes=eyes, zone=zone, window=window)
        narrowed = narrowed.where(number < before) if before else narrowed
        narrowed = narrowed.where(number > after) if after else narrowed
        ordered = narrowed.order_by(number if after else number.desc())
        found = (await session.scalars(ordered.limit(limit))).all()
        if len(found) == limit:
            break
    return found[::-1] if after else found


Window = tuple[int, int]  # the lowest and the highest number looked at


async def _windows(session: ReadSession, asked: Asked, *, before: int, after: int) -> Sequence[Window | None]:
    """PostgreSQL guesses badly how rare a beginning is: either it reads every row of a common word to sort them, or
    every ticket for a rare one. A few thousand numbers hold a page of any common word; only a rare one needs all.
    """
    if not asked.terms or _is_sqlite(session):
        return [None]
    if after:
        return [(after + 1, after + WINDOW), None]
    top = before - 1 if before else await session.scalar(select(func.max(TicketWords.number))) or 0
    return [(top - WINDOW, top), None]


def _matching(
    session: ReadSession, query: Select[Ticket], asked: Asked, *, eyes: Eyes, zone: tzinfo, window: Window | None
) -> tuple[Select[Ticket], ColumnElement[int]]:
    """The query narrowed to what was asked, and the column to order and page it by."""
    query = query.where(*eyes.conditions, true() if asked.is_readable else false())
    if asked.states is not None:
        query = query.where(Ticket.state.in_(asked.states))
    if asked.opened is not None:
        query = query.where(_opened(asked.opened, zone))
    for one in asked.either:
        said = _words(session, [*_as_seen(one.terms, eyes), *eyes.terms])
        query = query.where(or_(_opened(one.days, zone), Ticket.number.in_(select(said.number).where(said.matches))))
    if not asked.terms:
        return query, Ticket.__table__.c.number
    index = _words(session, [*_as_seen(asked.terms, eyes), *eyes.terms])
    if _is_sqlite(session):
        return query.join(index.rows, index.number == Ticket.number).where(index.matches), index.number
    hits = select(index.number).where(index.matches)
    if window is not None:
        hits = hits.where(index.number.between(*window))
    fenced = hits.cte("hits").prefix_with("MATERIALIZED")
    return query.join(fenced, fenced.c.number == Ticket.number), fenced.c.number


def _is_sqlite(session: ReadSession) -> bool:
    return session.dialect == "sqlite"


@dataclass(frozen=True)
class _Index:
    """The rows of a full-text index, the ticket's number in it, and the condition."""

    rows: FromClause
    number: ColumnElement[int]
    matches: ColumnElement[bool]


def _words(session: ReadSession, wanted: Sequence[Term]) -> _Index:
    """Tokens are letters, digits and our own sign: nothing of them means anything to either index."""
    if _is_sqlite(session):
        rows: FromClause = table("ticket_words_fts", column("rowid", Integer))
        asked = " AND ".join(_any(term, " OR ", '"{}"', '"{}"*') for term in wanted)
        return _Index(rows, rows.c.rowid, literal_column("ticket_words_fts", Boolean).op("MATCH")(asked))
    rows = TicketWords.__table__
    asked = " & ".join(_any(term, " | ", "'{}'", "'{}':*") for term in wanted)
    return _Index(rows, rows.c.number, WORDS_VECTOR.op("@@")(cast(asked, TSQUERY)))


def _any(term: Term, either: str, whole: str, beginning: str) -> str:
    marks = [(beginning if mark.is_beginning else whole).format(mark.token) for mark in term]
    return f"({either.join(marks)})"


def _as_seen(wanted: Sequence[Term], eyes: Eyes) -> list[Term]:
    return [with_notes(term) if eyes.sees_notes else term for term in wanted]


def _opened(days: Days, zone: tzinfo) -> ColumnElement[bool]:
    since = Ticket.created_at >= _midnight(days.first, zone) if days.first else true()
    until = Ticket.created_at < _midnight(days.last + timedelta(days=1), zone) if days.last else true()
    return and_(since, until)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


async def _reasons(
    session: ReadSession, tickets: Sequence[Ticket], asked: Asked, *, eyes: Eyes
) -> Mapping[int, Reason]:
    """Number of the ticket → the first words of it that say what was looked for, else those it began with."""
    articles = select(Article.ticket_id, Article.kind, Article.text, Article.created_at, Attachment.name)
    articles = articles.outerjoin(Attachment, Attachment.article_id == Article.id)
    articles = articles.where(Article.ticket_id.in_([ticket.id for ticket in tickets]))
    if not eyes.sees_notes:
        articles = articles.where(FOR_CUSTOMERS)
    rows = await session.execute(
        articles.order_by(Article.ticket_id, Article.position, Attachment.id).limit(ARTICLES_READ)
    )
    said = {ticket_id: list(of_ticket) for ticket_id, of_ticket in groupby(rows, key=lambda row: row.ticket_id)}
    found = {ticket.number: _reason(said.get(ticket.id, []), asked.all_terms) for ticket in tickets}
    return {number: reason for number, reason in found.items() if reason is not None}


def _reason(said: Sequence[Any], wanted: Sequence[Term]) -> Reason | None:
    for part in said:
        if pieces := excerpt(part.text, wanted, around=EXCERPT_AROUND):
            return Reason(pieces, part.created_at, is_note=part.kind is ArticleKind.NOTE)
    for part in said:
        if part.name and (pieces := excerpt(part.name, wanted, around=EXCERPT_AROUND)):
            return Reason(pieces, part.created_at, is_file=True, is_note=part.kind is ArticleKind.NOTE)
    begun = next((part for part in said if part.text and part.kind is not ArticleKind.NOTE), None)
    return Reason((Piece(shorten(begun.text, 2 * EXCERPT_AROUND)),), begun.created_at) if begun else None


async def numbered(session: ReadSession, query: Select[Ticket], number: int | None) -> Ticket | None:
    """The ticket of the query that has this number."""
    return None if number is None else await session.scalar(query.where(Ticket.number == number))
