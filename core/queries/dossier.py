"""Everything the page of one ticket shows, notes included: for technicians only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.errors import NotFoundError
from core.models import (
    Article,
    ArticleKind,
    Attachment,
    CallAttempt,
    Channel,
    DeliveryState,
    OutboxRow,
    Rating,
    Report,
    Ticket,
    TicketClosure,
    TimeEntry,
)
from core.queries import deliveries, thread
from core.queries.glance import EVERYTHING, OfTicket
from core.queries.thread import Event, Said, Sent
from core.queries.together import Answers, ask

# the state that says most of several rows to the same chat comes first
_WORST_FIRST = (
    DeliveryState.DEAD,
    DeliveryState.UNCERTAIN,
    DeliveryState.PARKED,
    DeliveryState.HELD,
    DeliveryState.SENDING,
    DeliveryState.QUEUED,
    DeliveryState.CANCELLED,
    DeliveryState.SENT,
)


@dataclass(frozen=True, slots=True)
class Push:
    """One message on its way to one chat or mailbox."""

    channel: Channel
    lane: str
    recipient: str
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None
    recalled: DeliveryState | None = None  # how taking it back went, where that was tried


@dataclass(frozen=True, slots=True)
class Closing:
    """The n-th closing with report and rating; ``report`` is there at once, its PDF once it is drawn."""

    closure: TicketClosure
    report: Report | None
    rating: Rating | None = None

    @property
    def has_pdf(self) -> bool:
        return self.report is not None and self.report.pdf_sha256 is not None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A stretch of the conversation, oldest first; ``earlier`` is the position to look before, 0 at the beginning.

    ``last_event``: the id of the last thing that happened to the ticket, be it in this stretch or not; 0: nothing.
    """

    articles: Sequence[Said]
    earlier: int
    events: Sequence[Event]
    last_event: int
    calls: Sequence[CallAttempt]
    times: Sequence[TimeEntry]
    closings: Sequence[Closing]
    pushes: Mapping[int, Sequence[Push]]  # by article
    notices: Sequence[Push]  # of events
    edited_after_answer: frozenset[int]  # articles


def merged(pushes: Iterable[Push]) -> list[Push]:
    """One line per chat or mailbox: several messages of one notice count as their worst."""
    found: dict[tuple[Channel, str, str], list[Push]] = defaultdict(list)
    for push in pushes:
        found[push.channel, push.lane, push.recipient].append(push)
    return [min(group, key=lambda push: _WORST_FIRST.index(push.state)) for group in found.values()]


async def read(
    session: ReadSession,
    ticket: Ticket,
    *,
    before: int = 0,
    there: OfTicket = EVERYTHING,
    answers: Answers | None = None,
    closed: Sequence[Closing] | None = None,
) -> Dossier:
    """The latest stretch of a ticket, or the one before an article's position.

    ``there``: what there is of it; ``answers`` to the questions of the thread, ``closed``: what was read already.
    """
    if answers is None:
        answers = await ask(session, thread.questions(there), thread.wanted(ticket, before=before))
    articles, has_earlier = thread.articles(answers, there)
    pushes, notices = await _pushes(session, answers[thread.SENT], articles) if there.has_deliveries else ({}, ())
    since = articles[0].created_at if has_earlier else None
    until = await _first_after(session, ticket, before) if before else None

    def inside(at: datetime) -> bool:
        return (since is None or at >= since) and (until is None or at < until)

    of_ticket = {"ticket_id": ticket.id}
    events = answers[thread.EVENTS]
    calls = await session.scalars(_calls(), of_ticket) if there.has_calls else ()
    times = await session.scalars(_times(), of_ticket) if there.has_times else ()
    return Dossier(
        articles=articles,
        earlier=articles[0].position if has_earlier else 0,
        events=[event for event in events if inside(event.at)],
        last_event=events[-1].id if events else 0,
        calls=[call for call in calls if inside(call.at)],
        times=[entry for entry in times if inside(entry.at)],
        closings=await closings(session, ticket) if closed is None else closed,
        pushes=pushes,
        notices=[push for push in notices if inside(push.created_at)],
        edited_after_answer=_edited_after_answer(articles),
    )


async def file_of(session: ReadSession, ticket: Ticket, attachment_id: int) -> Attachment:
    """A file of this ticket, of a note as well. Raises NotFoundError."""
    attachment = await session.scalar(
        select(Attachment)
        .join(Article, Article.id == Attachment.article_id)
        .where(Attachment.id == attachment_id, Article.ticket_id == ticket.id)
    )
    if attachment is None:
        raise NotFoundError
    return attachment


async def report_of(session: ReadSession, ticket: Ticket, number: int | None) -> Report:
    """The report of the n-th closing, the latest by default. Raises NotFoundError, also while it is being drawn."""
    query = (
        select(Report)
        .join(TicketClosure, TicketClosure.id == Report.closure_id)
        .where(TicketClosure.ticket_id == ticket.id, Report.pdf_sha256.is_not(None))
        .order_by(TicketClosure.number.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(TicketClosure.number == number)
    report = await session.scalar(query)
    if report is None:
        raise NotFoundError
    return report


def _edited_after_answer(articles: Sequence[Said]) -> frozenset[int]:
    """Articles that a technician had answered when the customer corrected them."""
    answers = [article for article in articles if article.technician_id and article.kind is not ArticleKind.NOTE]
    return frozenset(
        article.id
        for article in articles
        if article.edited_at is not None
        and any(article.created_at < answer.created_at < article.edited_at for answer in answers)
    )


async def _first_after(session: ReadSession, ticket: Ticket, position: int) -> datetime | None:
    return await session.scalar(
        select(Article.created_at)
        .where(Article.ticket_id == ticket.id, Article.position >= position)
        .order_by(Article.position)
        .limit(1)
    )


@cache
def _calls() -> Select[CallAttempt]:
    query = select(CallAttempt).where(CallAttempt.ticket_id == bindparam("ticket_id")).order_by(CallAttempt.at)
    return query.options(joinedload(CallAttempt.technician), joinedload(CallAttempt.request))


@cache
def _times() -> Select[TimeEntry]:
    query = select(TimeEntry).where(TimeEntry.ticket_id == bindparam("ticket_id")).order_by(TimeEntry.at)
    return query.options(joinedload(TimeEntry.technician))


async def closings(session: ReadSession, ticket: Ticket) -> Sequence[Closing]:
    """Every closing of the ticket, the first one first."""
    if not ticket.closures_count:
        return ()
    return [Closing(*row) for row in await session.execute(_closings(), {"ticket_id": ticket.id})]


@cache
def _closings() -> Select[TicketClosure, Report, Rating]:
    return (
        select(TicketClosure, Report, Rating)
        .outerjoin(Report, Report.closure_id == TicketClosure.id)
        .outerjoin(Rating, Rating.closure_id == TicketClosure.id)
        .where(TicketClosure.ticket_id == bindparam("ticket_id"))
        .options(joinedload(TicketClosure.technician), joinedload(Rating.person))
        .order_by(TicketClosure.number)
    )


async def _pushes(
    session: ReadSession, rows: Sequence[Sent], articles: Sequence[Said]
) -> tuple[Mapping[int, Sequence[Push]], Sequence[Push]]:
    """The news of a ticket: by article, and those that belong to an event."""
    names = await deliveries.names_of(session, {row.lane for row in rows if row.channel is Channel.TELEGRAM})
    is_retracted = any(article.retracted_at for article in articles)
    recalls = await _recalls(session, rows) if is_retracted else {}
    article_ids = {article.id for article in articles}
    by_article: dict[int, list[Sent]] = defaultdict(list)
    of_events: list[Sent] = []
    for row in rows:
        if row.article_id is None:
            of_events.append(row)
        elif row.article_id in article_ids:
            by_article[row.article_id].append(row)
    return (
        {key: [_push(row, names, recalls) for row in group] for key, group in by_article.items()},
        [_push(row, names, recalls) for row in of_events],
    )


async def _recalls(session: ReadSession, rows: Sequence[Sent]) -> Mapping[int, DeliveryState]:
    """How the deletions of these messages went, by the message's row."""
    query = select(OutboxRow.edits_id, OutboxRow.state).where(
        OutboxRow.method == "deleteMessage", OutboxRow.edits_id.in_([row.id for row in rows])
    )
    return {edited: state for edited, state in await session.execute(query) if edited is not None}


def _push(row: Sent, names: Mapping[str, str], recalls: Mapping[int, DeliveryState]) -> Push:
    recipient = names.get(row.lane, row.lane) if row.channel is Channel.TELEGRAM else deliveries.mailbox(row.to)
    return Push(row.channel, row.lane, recipient, row.state, row.created_at, row.sent_at, recalls.get(row.id))
