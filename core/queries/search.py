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
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from core.db import ReadSession
from core.models import WORDS_VECTOR, Article, ArticleKind, Attachment, Binding, Person, Ticket, TicketWords
from core.queries.tickets import visible
from core.rules.asked_dates import Days
from core.rules.asking import Asked
from core.rules.identity import Sight, may_see
from core.rules.limits import shorten
from core.rules.words import Mark, Piece, Term, company_token, excerpt, person_token, with_notes

EXCERPT_AROUND = 60
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
    narrowed, number = matching(session, query, asked, eyes=eyes, zone=zone)
    if after:
        found = (await session.scalars(narrowed.where(number > after).order_by(number).limit(size + 1))).all()
        tickets, newer, older = list(reversed(found[:size])), len(found) > size, True
    else:
        narrowed = narrowed.where(number < before) if before else narrowed
        found = (await session.scalars(narrowed.order_by(number.desc()).limit(size + 1))).all()
        tickets, newer, older = list(found[:size]), bool(before), len(found) > size
    return Found(
        tickets=tickets,
        reasons=await _reasons(session, tickets, asked, eyes=eyes),
        newer=tickets[0].number if tickets and newer else 0,
        older=tickets[-1].number if tickets and older else 0,
    )


def matching(
    session: ReadSession, query: Select[Ticket], asked: Asked, *, eyes: Eyes, zone: tzinfo
) -> tuple[Select[Ticket], ColumnElement[int]]:
    """The query narrowed to what was asked, and the column to order and page it by."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = query.where(*eyes.conditions, true() if asked.is_readable else false())
    if asked.states is not None:
        query = query.where(Ticket.state.in_(asked.states))
    if asked.opened is not None:
        query = query.where(_opened(asked.opened, zone))
    for one in asked.either:
        said = _words(is_sqlite, [*_as_seen(one.terms, eyes), *eyes.terms])
        query = query.where(or_(_opened(one.days, zone), Ticket.number.in_(select(said.number).where(said.matches))))
    if not asked.terms:
        return query, Ticket.__table__.c.number
    index = _words(is_sqlite, [*_as_seen(asked.terms, eyes), *eyes.terms])
    return query.join(index.rows, index.number == Ticket.number).where(index.matches), index.number


@dataclass(frozen=True)
class _Index:
    """The rows of a full-text index, the ticket's number in it, and the condition."""

    rows: FromClause
    number: ColumnElement[int]
    matches: ColumnElement[bool]


def _words(is_sqlite: bool, wanted: Sequence[Term]) -> _Index:
    """Tokens are letters, digits and our own sign: nothing of them means anything to either index."""
    if is_sqlite:
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
        articles = articles.where(Article.kind != ArticleKind.NOTE)
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
