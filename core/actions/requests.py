"""Requests (pedidos): what a technician asks the customer for, open until it is answered, and said again twice.

A ticket has one open request, the latest, and says itself which: whoever answers it asks the database nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.actions import answered, articles, notify
from core.actions.readers import readers
from core.clock import now
from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.models import Article, Ticket
from core.queries import hours
from core.render import telegram
from core.render.office import Office
from core.render.requests import USUAL_WORDS, missing_words
from core.rules import requests as rules
from core.rules.calendar import Calendar
from core.rules.limits import shorten
from core.rules.notices import Notice
from core.rules.requests import Asks

AT_ONCE = 50
REPEATED = 600  # characters of the request that its reminder says again


async def begin(session: WriteSession, ticket: Ticket, article: Article, *, office: Office) -> Sequence[datetime]:
    """The article, if it asks for something, is what the ticket waits for now; the times it offers for a call."""
    if article.asks is None:
        return ()
    await end(session, ticket)
    await session.flush()
    calendar = await hours.calendar(session, office.t.timezone)
    ticket.request_id, ticket.request_asks = article.id, article.asks
    ticket.request_due_at = rules.next_reminder(calendar, now(), sent=0)
    return _offered(calendar, article.asks)


async def end(session: WriteSession, ticket: Ticket) -> None:
    """Nothing is asked any more, without an answer: another request came, the ticket is to close or was reopened."""
    request_id = ticket.request_id
    if request_id is None:
        return
    answered.close_request(ticket)
    await answered.retire_request(session, ticket, request_id)


async def offered(session: ReadSession, asks: Asks | None, *, office: Office) -> Sequence[datetime]:
    """The times for a call as of now, where a call is what is asked for."""
    if asks is not Asks.TIME:
        return ()
    return _offered(await hours.calendar(session, office.t.timezone), asks)


async def remind_due(session: WriteSession, *, office: Office) -> None:
    """Say again what has had no answer; a desk that is closed waits until it opens."""
    due = await session.scalars(
        select(Ticket)
        .where(Ticket.request_due_at <= now())
        .options(joinedload(Ticket.company))
        .order_by(Ticket.request_due_at, Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Ticket, key_share=True)
        .execution_options(populate_existing=True)
    )
    tickets = due.all()
    if not tickets:
        return
    calendar = await hours.calendar(session, office.t.timezone)
    for ticket in tickets:
        if calendar.is_open(now()):
            await _remind(session, ticket, calendar, office=office)
        else:
            ticket.request_due_at = calendar.next_opening(now())


def usual_words(ticket: Ticket, asks: Asks, *, office: Office) -> str:
    """What a request says to whoever opened the ticket, where the technician adds no words."""
    return office.translators[_language(ticket)](USUAL_WORDS[asks]) if USUAL_WORDS[asks] else ""


def reader_of(ticket: Ticket, *, office: Office) -> Translator:
    """The language of whoever opened the ticket, by the company's clock."""
    return office.translators.at(_language(ticket), ticket.company.timezone)


def _language(ticket: Ticket) -> str | None:
    return ticket.opened_by.reads if ticket.opened_by else None


async def _remind(session: WriteSession, ticket: Ticket, calendar: Calendar, *, office: Office) -> None:
    assert ticket.request_id is not None
    assert ticket.request_asks is not None
    article = await articles.by_id(session, ticket.request_id)
    ticket.request_reminders += 1
    ticket.request_due_at = rules.next_reminder(calendar, now(), sent=ticket.request_reminders)
    slots = _offered(calendar, ticket.request_asks)
    key = f"reminder-{article.position}-{ticket.request_reminders}"
    news = notify.News(ticket, Notice.REQUEST_REMINDER, key, article)
    for reader in await readers(session, ticket, news.notice, author=None, office=office):
        if reader.is_muted:
            continue  # a reminder without a ring is only one message more
        html = telegram.page(
            "reminder",
            reader.t,
            ticket=ticket,
            company=reader.company,
            missing=missing_words(reader.t, ticket.request_asks),
            text=shorten(article.text, REPEATED),
        )
        rows = notify.follow_up(reader, ticket, ticket.request_asks, slots=slots)
        await notify.put(session, reader, news, [telegram.message(html, rows)])


def _offered(calendar: Calendar, asks: Asks) -> Sequence[datetime]:
    return rules.slots(calendar, now()) if asks is Asks.TIME else ()
