"""Everything the page of one ticket shows, notes included: for technicians only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from core.db import ReadSession
from core.errors import NotFoundError
from core.messaging.outbox import REPEATABLE
from core.models import (
    Article,
    ArticleKind,
    Attachment,
    CallAttempt,
    Channel,
    DeliveryState,
    EventKind,
    OutboxRow,
    Rating,
    Report,
    Ticket,
    TicketClosure,
    TicketEvent,
    TimeEntry,
    Urgency,
)
from core.queries.deliveries import recipients

PAGE = 100

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
    """A stretch of the conversation, oldest first; ``earlier`` is the position to look before, 0 at the beginning."""

    articles: Sequence[Article]
    earlier: int
    events: Sequence[TicketEvent]
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


async def read(session: ReadSession, ticket: Ticket, *, before: int = 0) -> Dossier:
    """The latest stretch of a ticket, or the one before an article's position."""
    articles, earlier = await _articles(session, ticket, before)
    pushes, notices = await _pushes(session, ticket, {article.id for article in articles})
    since = articles[0].created_at if earlier and articles else None
    until = await _first_after(session, ticket, before) if before else None

    def inside(at: datetime) -> bool:
        return (since is None or at >= since) and (until is None or at < until)

    events = await session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.not_in({EventKind.CALL, EventKind.TIME}))
        .options(joinedload(TicketEvent.technician), joinedload(TicketEvent.person))
        .order_by(TicketEvent.id)
    )
    calls, times = await _calls(session, ticket), await _times(session, ticket)
    return Dossier(
        articles=articles,
        earlier=earlier,
        events=[event for event in events if inside(event.at)],
        calls=[call for call in calls if inside(call.at)],
        times=[entry for entry in times if inside(entry.at)],
        closings=await closings(session, ticket),
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


def _edited_after_answer(articles: Sequence[Article]) -> frozenset[int]:
    """Articles that a technician had answered when the customer corrected them."""
    answers = [article for article in articles if article.technician_id and article.kind is not ArticleKind.NOTE]
    return frozenset(
        article.id
        for article in articles
        if article.edited_at is not None
        and any(article.created_at < answer.created_at < article.edited_at for answer in answers)
    )


async def _articles(session: ReadSession, ticket: Ticket, before: int) -> tuple[Sequence[Article], int]:
    query = (
        select(Article)
        .where(Article.ticket_id == ticket.id)
        .options(joinedload(Article.person), joinedload(Article.technician), selectinload(Article.attachments))
        .options(selectinload(Article.versions), joinedload(Article.retracted_by))
        .order_by(Article.position.desc())
        .limit(PAGE + 1)
    )
    if before:
        query = query.where(Article.position < before)
    found = (await session.scalars(query)).all()
    shown = list(reversed(found[:PAGE]))
    return shown, shown[0].position if len(found) > PAGE else 0


async def _first_after(session: ReadSession, ticket: Ticket, position: int) -> datetime | None:
    return await session.scalar(
        select(Article.created_at)
        .where(Article.ticket_id == ticket.id, Article.position >= position)
        .order_by(Article.position)
        .limit(1)
    )


async def _calls(session: ReadSession, ticket: Ticket) -> Sequence[CallAttempt]:
    query = select(CallAttempt).where(CallAttempt.ticket_id == ticket.id)
    query = query.options(joinedload(CallAttempt.technician), joinedload(CallAttempt.request))
    return (await session.scalars(query.order_by(CallAttempt.at))).all()


async def _times(session: ReadSession, ticket: Ticket) -> Sequence[TimeEntry]:
    query = select(TimeEntry).where(TimeEntry.ticket_id == ticket.id)
    return (await session.scalars(query.options(joinedload(TimeEntry.technician)).order_by(TimeEntry.at))).all()


async def closings(session: ReadSession, ticket: Ticket) -> Sequence[Closing]:
    """Every closing of the ticket, the first one first."""
    rows = await session.execute(
        select(TicketClosure, Report, Rating)
        .outerjoin(Report, Report.closure_id == TicketClosure.id)
        .outerjoin(Rating, Rating.closure_id == TicketClosure.id)
        .where(TicketClosure.ticket_id == ticket.id)
        .options(joinedload(TicketClosure.technician), joinedload(Rating.person))
        .order_by(TicketClosure.number)
    )
    return [Closing(*row) for row in rows]


async def _pushes(
    session: ReadSession, ticket: Ticket, article_ids: set[int]
) -> tuple[Mapping[int, Sequence[Push]], Sequence[Push]]:
    """The news of a ticket: by article, and those that belong to an event. Answers to taps are none."""
    rows = (
        await session.scalars(
            select(OutboxRow)
            .where(
                OutboxRow.ticket_id == ticket.id,
                or_(OutboxRow.urgency != Urgency.ANSWER, OutboxRow.channel == Channel.EMAIL),
                OutboxRow.method.not_in(REPEATABLE),
            )
            .order_by(OutboxRow.id)
        )
    ).all()
    names = await recipients(session, rows)
    recalls = await _recalls(session, rows)
    by_article: dict[int, list[OutboxRow]] = defaultdict(list)
    of_events: list[OutboxRow] = []
    for row in rows:
        if row.article_id is None:
            of_events.append(row)
        elif row.article_id in article_ids:
            by_article[row.article_id].append(row)
    return (
        {key: [_push(row, names, recalls) for row in group] for key, group in by_article.items()},
        [_push(row, names, recalls) for row in of_events],
    )


async def _recalls(session: ReadSession, rows: Sequence[OutboxRow]) -> Mapping[int, DeliveryState]:
    """How the deletions of these messages went, by the message's row."""
    query = select(OutboxRow.edits_id, OutboxRow.state).where(
        OutboxRow.method == "deleteMessage", OutboxRow.edits_id.in_([row.id for row in rows])
    )
    return {edited: state for edited, state in await session.execute(query) if edited is not None}


def _push(row: OutboxRow, names: Mapping[int, str], recalls: Mapping[int, DeliveryState]) -> Push:
    return Push(row.channel, row.lane, names[row.id], row.state, row.created_at, row.sent_at, recalls.get(row.id))
