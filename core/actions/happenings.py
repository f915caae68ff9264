"""What happens to tickets is told to the programs that listen: gathered, and put at the end of a transaction."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import outbox, webhooks
from core.models import (
    Article,
    ArticleKind,
    Attachment,
    Channel,
    Company,
    Person,
    Subscription,
    Technician,
    Ticket,
    TicketClosure,
    Urgency,
)
from core.queries import outward, subscriptions
from core.rules.webhooks import Happening

HAPPENED = "happened"  # where a session keeps what programs may want to know


@dataclass(frozen=True)
class Happened:
    """``closure`` is the number of a closing; ``more`` goes into the body as it is."""

    what: Happening
    ticket: Ticket
    article: Article | None = None
    closure: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def note(session: WriteSession, happened: Happened) -> None:
    """Something that may be told outside."""
    session.info.setdefault(HAPPENED, []).append(happened)
    session.at_end(write)
    session.at_end(outbox.write_posted)


def note_article(session: WriteSession, ticket: Ticket, article: Article) -> None:
    """An article, unless it stays at the desk."""
    if article.kind is not ArticleKind.NOTE:
        note(session, Happened(Happening.ARTICLE_ADDED, ticket, article))


def forget(session: WriteSession) -> None:
    """A savepoint was rolled back: it did not happen."""
    session.info.pop(HAPPENED, None)


async def write(session: WriteSession) -> None:
    """Put what happened into the row of everyone who listens for it."""
    happened: list[Happened] = session.info.pop(HAPPENED, [])
    listeners = await subscriptions.listening(session) if happened else ()
    wanted = [(one, told) for one in happened if (told := [who for who in listeners if one.what in who.events])]
    if not wanted:
        return
    await session.flush()
    bodies = await _bodies(session, [one for one, _ in wanted])
    for (one, told), body in zip(wanted, bodies, strict=True):
        for subscription in told:
            tell(session, subscription, one.what, body)
    await outbox.write_posted(session)


def tell(session: WriteSession, subscription: Subscription, event: str, body: dict[str, Any]) -> None:
    """One delivery; its id stays the same however often it is tried."""
    payload = {
        "to": subscription.host,
        "id": uuid.uuid4().hex,
        "event": event,
        "body": webhooks.written(event, body),
    }
    # the last in the queue: people are told first
    outbox.post(
        session,
        subscription.lane,
        webhooks.METHOD,
        payload,
        channel=Channel.WEBHOOK,
        urgency=Urgency.REMINDER,
    )


async def _bodies(session: ReadSession, happened: Sequence[Happened]) -> list[dict[str, Any]]:
    """Each as it stands now, in a few questions however many there are."""
    companies = {
        company.id: company
        for company in await session.scalars(
            select(Company).where(Company.id.in_({one.ticket.company_id for one in happened}))
        )
    }
    articles = await _articles(session, {one.article.id for one in happened if one.article})
    closings = await _closings(session, [one for one in happened if one.closure])
    at = outward.moment(now())
    return [
        {
            "at": at,
            "ticket": outward.ticket_shape(one.ticket, companies[one.ticket.company_id]),
            **({"article": articles[one.article.id]} if one.article else {}),
            **({"closing": closings[one.ticket.id, one.closure]} if one.closure else {}),
            **one.more,
        }
        for one in happened
    ]


async def _articles(session: ReadSession, ids: set[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    files: dict[int | None, list[Attachment]] = defaultdict(list)
    for file in await session.scalars(
        select(Attachment).where(Attachment.article_id.in_(ids)).order_by(Attachment.id)
    ):
        files[file.article_id].append(file)
    found = await session.execute(
        select(Article, Technician, Person)
        .outerjoin(Technician, Technician.id == Article.technician_id)
        .outerjoin(Person, Person.id == Article.person_id)
        .where(Article.id.in_(ids))
    )
    return {
        article.id: outward.article_shape(article, technician or person, files[article.id])
        for article, technician, person in found
    }


async def _closings(session: ReadSession, happened: Sequence[Happened]) -> dict[tuple[int, int], dict[str, Any]]:
    if not happened:
        return {}
    found = await session.execute(
        select(TicketClosure, Technician)
        .join(Technician, Technician.id == TicketClosure.technician_id)
        .where(TicketClosure.ticket_id.in_({one.ticket.id for one in happened}))
    )
    return {
        (closure.ticket_id, closure.number): outward.closing_shape(closure, technician)
        for closure, technician in found
    }
