"""Who is told what: rendered rows in the transaction that made the news."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.messaging.outbox import Subject
from core.models import (
    IN_FORCE,
    Article,
    ArticleKind,
    Attachment,
    Binding,
    Channel,
    OutboxRow,
    Person,
    Report,
    Ticket,
    TicketClosure,
    Urgency,
)
from core.render import buttons, telegram
from core.render.buttons import Button, Tap
from core.render.office import Office
from core.render.words import STATE_WORDS
from core.rules.notices import About, Follower, Notice, recipients
from core.rules.states import State


@dataclass(frozen=True)
class Reader:
    """A chat to be told, in its language."""

    chat_id: int
    t: Translator


async def readers(
    session: ReadSession, ticket: Ticket, notice: Notice, *, author: Person | None, office: Office
) -> list[Reader]:
    """The chats a notice about the ticket goes to, by the rules."""
    bindings = (
        await session.scalars(
            select(Binding)
            .where(Binding.company_id == ticket.company_id, IN_FORCE)
            .options(joinedload(Binding.person))
            .order_by(Binding.id)
        )
    ).all()
    people = {binding.person.telegram_id: binding.person for binding in bindings}
    opener = next((person for person in people.values() if person.id == ticket.opened_by_id), None)
    about = About(
        opener_id=ticket.opened_by_id,
        opened_in_chat=opener.telegram_id if opener else None,
        author_id=author.id if author else None,
    )
    followers = [
        Follower(binding.person_id, binding.person.telegram_id, binding.level, binding.follows)
        for binding in bindings
    ]
    chats = recipients(notice, about, followers=followers)
    return [Reader(chat, office.translators[people[chat].language]) for chat in chats]


async def tell_opened(session: WriteSession, ticket: Ticket, author: Person | None, *, office: Office) -> None:
    """A colleague, or the desk, opened a ticket for the company."""
    for reader in await readers(session, ticket, Notice.TICKET_OPENED, author=author, office=office):
        html = telegram.page(
            "ticket_opened", reader.t, ticket=ticket, author=author, office=office, state=STATE_WORDS[ticket.state]
        )
        await _put(session, reader, [telegram.message(html, follow_up(reader.t, ticket))], ticket, key="opened")


async def tell_article(
    session: WriteSession, ticket: Ticket, article: Article, *, office: Office, files: Sequence[Attachment] = ()
) -> None:
    """A technician's article with its files, or a colleague's by name. A note is no notice."""
    if article.kind is ArticleKind.NOTE:
        return
    for reader in await readers(session, ticket, _notice(article), author=article.person, office=office):
        payloads = _article(reader, ticket, article, files)
        if article.technician and files:
            payloads += _documents(files)
        await _put(session, reader, payloads, ticket, key=f"article-{article.position}", article=article)


async def retell_article(
    session: WriteSession, ticket: Ticket, article: Article, *, office: Office, files: Sequence[Attachment] = ()
) -> None:
    """A customer's article has changed: the messages that told colleagues of it change in place, nobody is rung.

    Whoever was not told of it, or may not be any more, is left alone.
    """
    told = await _told(session, article)
    for reader in await readers(session, ticket, _notice(article), author=article.person, office=office):
        rows = told.get(str(reader.chat_id), [])
        if not rows:
            continue
        payloads = _article(reader, ticket, article, files)
        for row, payload in zip_longest(rows, payloads):
            if payload is None:
                await outbox.retract(session, row.id)
            elif row is not None:
                await outbox.edit(session, row.id, payload)
        if len(payloads) > len(rows):
            key = f"article-{article.position}"
            await _put(session, reader, payloads, ticket, key=key, article=article, after=len(rows))


async def _told(session: WriteSession, article: Article) -> dict[str, list[OutboxRow]]:
    """The messages about an article that are in chats, or on their way, by lane."""
    await outbox.write_posted(session)
    deletion = aliased(OutboxRow)
    is_deleted = exists().where(deletion.edits_id == OutboxRow.id, deletion.method == "deleteMessage")
    query = select(OutboxRow).where(
        OutboxRow.article_id == article.id, OutboxRow.method == "sendMessage", ~is_deleted
    )
    told: dict[str, list[OutboxRow]] = defaultdict(list)
    for row in await session.scalars(query.order_by(OutboxRow.id)):
        if outbox.has_message(row):
            told[row.lane].append(row)
    return told


def _notice(article: Article) -> Notice:
    return Notice.REQUEST if article.kind is ArticleKind.REQUEST else Notice.ARTICLE


def _article(reader: Reader, ticket: Ticket, article: Article, files: Sequence[Attachment]) -> list[dict[str, Any]]:
    """The messages that tell a chat of an article; a customer's files are named, the desk's are sent."""
    values: dict[str, Any] = {
        "ticket": ticket,
        "article": article,
        "author": article.technician.name if article.technician else (article.person.name if article.person else ""),
        "file_names": [] if article.technician else [file.name for file in files],
    }
    rows = follow_up(reader.t, ticket)
    return telegram.long_message("article", reader.t, text=article.text, rows=rows, **values)


async def tell_state(session: WriteSession, ticket: Ticket, *, office: Office, key: str) -> None:
    """A change of state that is not a closing; ``key`` makes repeating it harmless."""
    for reader in await readers(session, ticket, Notice.STATE_CHANGED, author=None, office=office):
        html = telegram.page("state", reader.t, ticket=ticket, state=STATE_WORDS[ticket.state])
        payload = telegram.message(html, follow_up(reader.t, ticket), silent=True)
        await _put(session, reader, [payload], ticket, key=key)


async def tell_closed(
    session: WriteSession, ticket: Ticket, closure: TicketClosure, report: Report, *, office: Office
) -> None:
    """The closing with closure, minutes and effect; the report is the same message where the words fit a caption."""
    for reader in await readers(session, ticket, Notice.CLOSED, author=None, office=office):
        values: dict[str, Any] = {
            "ticket": ticket,
            "closure": closure,
            "state": STATE_WORDS[State(closure.closure.value)],
        }
        rows = [[Button(reader.t("Download report"), buttons.data(Tap.REPORT, ticket.number))]]
        document = {"document": {"report_id": report.id, "name": report.file_name}}
        caption = telegram.caption("closed", reader.t, text=closure.solution, **values)
        key = f"closed-{closure.number}"
        if caption is not None:
            payload = document | {
                "caption": caption,
                "parse_mode": "HTML",
                "reply_markup": buttons.keyboard(rows),
            }
            await _put(session, reader, [payload], ticket, key=key, report=report)
            continue
        pages = telegram.long_message("closed", reader.t, text=closure.solution, rows=rows, **values)
        await _put(session, reader, pages, ticket, key=key)
        await _put(session, reader, [document], ticket, key=f"{key}-report", report=report)


def follow_up(t: Translator, ticket: Ticket) -> telegram.Rows:
    """The buttons under every push."""
    return [
        [
            Button(t("Answer"), buttons.data(Tap.ANSWER, ticket.number)),
            Button(t("See ticket"), buttons.data(Tap.TICKET, ticket.number)),
        ]
    ]


def _documents(files: Sequence[Attachment]) -> list[dict[str, Any]]:
    return [{"document": {"sha256": file.sha256, "name": file.name, "media_type": file.media_type}} for file in files]


async def _put(
    session: WriteSession,
    reader: Reader,
    payloads: Sequence[dict[str, Any]],
    ticket: Ticket,
    *,
    key: str,
    article: Article | None = None,
    report: Report | None = None,
    after: int = 0,
) -> None:
    """Put the messages of one notice, those after the first ``after``."""
    about = Subject(
        ticket_id=ticket.id, article_id=article.id if article else None, report_id=report.id if report else None
    )
    for index, payload in enumerate(payloads[after:], after):
        outbox.post(
            session,
            reader.chat_id,
            "sendDocument" if "document" in payload else "sendMessage",
            payload,
            urgency=Urgency.NEWS,
            dedupe_key=f"{ticket.number}-{key}-{reader.chat_id}-{index}",
            about=about,
        )


def mail(session: WriteSession, payload: dict[str, Any], ticket: Ticket, report: Report, *, key: str) -> None:
    """An e-mail about a ticket that waits for its report."""
    outbox.post(
        session,
        f"mail-{ticket.company_id}",
        "mail",
        payload,
        channel=Channel.EMAIL,
        urgency=Urgency.NEWS,
        dedupe_key=f"{ticket.number}-{key}-mail",
        about=Subject(ticket_id=ticket.id, report_id=report.id),
    )
