"""A stretch of a ticket's conversation as rows: articles with their files and wordings, and what happened between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.messaging.outbox import REPEATABLE
from core.models import (
    Article,
    ArticleKind,
    ArticleVersion,
    Attachment,
    Channel,
    DeliveryState,
    EventKind,
    FileState,
    OutboxRow,
    Person,
    Technician,
    Ticket,
    TicketEvent,
    Urgency,
)
from core.models.people import full_name
from core.queries.glance import OfTicket
from core.queries.together import Answers, Question
from core.queries.written import at_most
from core.rules.requests import Asks

PAGE = 100
FARTHEST = 2**31 - 1  # behind every position

TOLD_OTHERWISE = frozenset({EventKind.CALL, EventKind.TIME})  # by their own rows

_RETRACTED_BY = aliased(Technician)


class Enclosed(NamedTuple):
    """A file of an article."""

    article_id: int
    id: int
    name: str
    media_type: str
    size: int | None
    state: FileState
    error: str | None
    created_at: datetime
    thumbnail_sha256: str | None
    thumbnail_width: int | None
    thumbnail_height: int | None


class Worded(NamedTuple):
    """What an article said at first, or after a correction."""

    article_id: int
    text: str
    at: datetime


class Said(NamedTuple):
    """An article; ``technician`` and ``person`` are names, and neither is there where the desk itself speaks."""

    id: int
    position: int
    kind: ArticleKind
    asks: Asks | None
    text: str
    is_courtesy: bool
    created_at: datetime
    edited_at: datetime | None
    retracted_at: datetime | None
    retracted_by: str | None
    technician_id: int | None
    technician: str | None
    person: str | None
    attachments: Sequence[Enclosed] = ()
    versions: Sequence[Worded] = ()

    @property
    def author(self) -> str | None:
        return self.technician or self.person


class Event(NamedTuple):
    """Something that happened besides; nobody did it where the desk itself did."""

    id: int
    kind: EventKind
    data: Mapping[str, Any]
    at: datetime
    who: str | None


class Sent(NamedTuple):
    """A message on its way to a chat or mailbox; ``to``: what a letter is addressed to."""

    id: int
    article_id: int | None
    channel: Channel
    lane: str
    to: object
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None


def questions(there: OfTicket) -> Sequence[Question[Any]]:
    """What is asked of a ticket that has so much."""
    has: Mapping[Question[Any], bool] = {
        FILES: there.has_files,
        VERSIONS: there.has_versions,
        SENT: there.has_deliveries,
    }
    return (ARTICLES, EVENTS, *(question for question, is_there in has.items() if is_there))


def wanted(ticket: Ticket, *, before: int) -> dict[str, object]:
    """What ``questions`` are asked with; ``before``: the position the stretch ends before, 0 for the latest."""
    return {"ticket_id": ticket.id, "before": before or FARTHEST}


def articles(answers: Answers, there: OfTicket) -> tuple[Sequence[Said], bool]:
    """The articles of the stretch, oldest first, and whether there are earlier ones."""
    found = answers[ARTICLES]
    files = _by_article(answers[FILES]) if there.has_files else {}
    versions = _by_article(answers[VERSIONS]) if there.has_versions else {}
    shown = [
        said._replace(attachments=files.get(said.id, ()), versions=versions.get(said.id, ()))
        if said.id in files or said.id in versions
        else said
        for said in reversed(found[:PAGE])
    ]
    return shown, len(found) > PAGE


def _by_article(rows: Iterable[Any]) -> Mapping[int, Sequence[Any]]:
    found = defaultdict[int, list[Any]](list)
    for row in rows:
        found[row.article_id].append(row)
    return {article_id: tuple(group) for article_id, group in found.items()}


def _said(*row: Any) -> Said:
    return Said(*[*row[:-_NAMED], _name(row[-_NAMED:])])


def _event(*row: Any) -> Event:
    *event, technician = row[:-_NAMED]
    return Event(*[*event, technician or _name(row[-_NAMED:])])


_PERSON = (Person.first_name, Person.last_name, Person.username, Person.telegram_id)
_NAMED = len(_PERSON)


def _name(parts: Sequence[Any]) -> str | None:
    first_name, last_name, username, telegram_id = parts
    return None if telegram_id is None else full_name(first_name, last_name, username, telegram_id)


def _articles() -> Select[*tuple[Any, ...]]:
    own = (Article.id, Article.position, Article.kind, Article.asks, Article.text, Article.is_courtesy)
    times = (Article.created_at, Article.edited_at, Article.retracted_at)
    by = (_RETRACTED_BY.name.label("retracted_by"), Article.technician_id, Technician.name.label("technician"))
    query = select(*own, *times, *by, *_PERSON).outerjoin(Article.technician).outerjoin(Article.person)
    return _latest(query.outerjoin(_RETRACTED_BY, _RETRACTED_BY.id == Article.retracted_by_id))


def _latest(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    query = query.where(Article.ticket_id == bindparam("ticket_id"), Article.position < bindparam("before"))
    return query.order_by(Article.position.desc()).limit(at_most(PAGE + 1))


def _files() -> Select[*tuple[Any, ...]]:
    file = (Attachment.article_id, Attachment.id, Attachment.name, Attachment.media_type, Attachment.size)
    state = (Attachment.state, Attachment.error, Attachment.created_at)
    picture = (Attachment.thumbnail_sha256, Attachment.thumbnail_width, Attachment.thumbnail_height)
    query = select(*file, *state, *picture).where(_is_of_latest(Attachment.article_id))
    return query.order_by(Attachment.id)


def _versions() -> Select[*tuple[Any, ...]]:
    query = select(ArticleVersion.article_id, ArticleVersion.text, ArticleVersion.at)
    return query.where(_is_of_latest(ArticleVersion.article_id)).order_by(ArticleVersion.revision)


def _is_of_latest(article_id: InstrumentedAttribute[Any]) -> Any:
    return article_id.in_(_latest(select(Article.id)))


def _events() -> Select[*tuple[Any, ...]]:
    own = (TicketEvent.id, TicketEvent.kind, TicketEvent.data, TicketEvent.at)
    query = select(*own, Technician.name.label("technician"), *_PERSON)
    query = query.outerjoin(TicketEvent.technician).outerjoin(TicketEvent.person)
    query = query.where(TicketEvent.ticket_id == bindparam("ticket_id"), TicketEvent.kind.not_in(TOLD_OTHERWISE))
    return query.order_by(TicketEvent.id)


def _sent() -> Select[*tuple[Any, ...]]:
    """The news of a ticket; answers to taps are none."""
    own = (OutboxRow.id, OutboxRow.article_id, OutboxRow.channel, OutboxRow.lane, OutboxRow.payload["to"].label("to"))
    is_news = or_(OutboxRow.urgency != Urgency.ANSWER, OutboxRow.channel == Channel.EMAIL)
    query = select(*own, OutboxRow.state, OutboxRow.created_at, OutboxRow.sent_at)
    query = query.where(OutboxRow.ticket_id == bindparam("ticket_id"), is_news)
    return query.where(OutboxRow.method.not_in(REPEATABLE)).order_by(OutboxRow.id)


ARTICLES = Question(_said, _articles())
EVENTS = Question(_event, _events())
FILES = Question(Enclosed, _files())
VERSIONS = Question(Worded, _versions())
SENT = Question(Sent, _sent())
