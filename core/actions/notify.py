"""Who is told what: rendered rows in the transaction that made the news."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from core.actions import alerts
from core.actions.readers import Bound, Reader, readers
from core.db import WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.messaging.outbox import Subject
from core.models import (
    Article,
    ArticleKind,
    Attachment,
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
from core.render.requests import answer_rows
from core.render.words import NOTICE_WORDS, STATE_WORDS
from core.rules.limits import FILE_NAME_SHOWN, FILES_SHOWN, shorten
from core.rules.notices import Notice
from core.rules.requests import Asks
from core.rules.states import State


@dataclass(frozen=True)
class News:
    """What a notice brings; ``key`` makes repeating it harmless."""

    ticket: Ticket
    notice: Notice
    key: str
    article: Article | None = None
    report: Report | None = None


async def tell_article(
    session: WriteSession,
    ticket: Ticket,
    article: Article,
    *,
    office: Office,
    files: Sequence[Attachment] = (),
    state: State | None = None,
    slots: Sequence[datetime] = (),
    known: Sequence[Bound] | None = None,
) -> None:
    """A technician's article with its files, or a colleague's by name. A note is no notice.

    ``state``: the article has moved the ticket there, and says so itself: one action is one message.
    ``slots``: the times a request offers.
    """
    if article.kind is ArticleKind.NOTE:
        return
    news = News(ticket, _notice(article), f"article-{article.position}", article)
    author = article.person
    alerts.note_article(session, ticket, article, office=office)
    for reader in await readers(session, ticket, news.notice, author=author, office=office, known=known):
        payloads = _article(reader, ticket, article, files, state=state, slots=slots)
        if article.technician and files:
            payloads = with_documents(payloads, files)
        await put(session, reader, news, payloads)


async def retell_article(
    session: WriteSession, ticket: Ticket, article: Article, *, office: Office, files: Sequence[Attachment] = ()
) -> None:
    """A customer's article has changed: the messages that told colleagues of it change in place, nobody is rung.

    Whoever was not told of it, or may not be any more, or reads numbers only, is left alone.
    """
    told = await _told(session, article)
    news = News(ticket, _notice(article), f"article-{article.position}", article)
    for reader in await readers(session, ticket, news.notice, author=article.person, office=office):
        rows = told.get(str(reader.chat_id), [])
        if not rows or reader.sees_number_only:
            continue
        payloads = _article(reader, ticket, article, files)
        for row, payload in zip_longest(rows, payloads):
            if payload is None:
                await outbox.retract(session, row.id)
            elif row is not None:
                await outbox.edit(session, row.id, payload)
        await put(session, reader, news, payloads, after=len(rows))


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
    if article.technician is None:
        return Notice.COLLEAGUE_WROTE
    return Notice.REQUEST if article.kind is ArticleKind.REQUEST else Notice.ARTICLE


def _article(
    reader: Reader,
    ticket: Ticket,
    article: Article,
    files: Sequence[Attachment],
    *,
    state: State | None = None,
    slots: Sequence[datetime] = (),
) -> list[dict[str, Any]]:
    """The messages that tell a chat of an article; a customer's files are named, the desk's are sent.

    With a single file of the desk the words are its caption, where they fit.
    """
    values: dict[str, Any] = {
        "ticket": ticket,
        "article": article,
        "company": reader.company,
        "state": STATE_WORDS[state] if state else "",
        "author": article.technician.name if article.technician else (article.person.name if article.person else ""),
        "file_names": [] if article.technician else _names(reader.t, files),
    }
    rows = follow_up(reader, ticket, article.asks or Asks.OTHER, slots=slots)
    if article.technician and len(files) == 1:
        caption = telegram.caption("article", reader.t, text=article.text, **values)
        if caption is not None:
            return [telegram.captioned(caption, rows)]
    return telegram.long_message("article", reader.t, text=article.text, rows=rows, **values)


def with_documents(payloads: list[dict[str, Any]], files: Sequence[Attachment]) -> list[dict[str, Any]]:
    """The words and the files they came with: a caption goes with its file, else the files follow."""
    documents: list[dict[str, Any]] = [
        {"document": {"sha256": file.sha256, "name": file.name, "media_type": file.media_type}} for file in files
    ]
    if "caption" in payloads[0]:
        return [payloads[0] | documents[0]]
    return payloads + documents


async def tell_state(session: WriteSession, ticket: Ticket, *, office: Office, key: str) -> None:
    """A change of state that is not a closing; ``key`` makes repeating it harmless."""
    news = News(ticket, Notice.STATE_CHANGED, key)
    for reader in await readers(session, ticket, news.notice, author=None, office=office):
        html = telegram.page(
            "state", reader.t, ticket=ticket, company=reader.company, state=STATE_WORDS[ticket.state]
        )
        await put(session, reader, news, [telegram.message(html, follow_up(reader, ticket))])


async def tell_reopened(session: WriteSession, ticket: Ticket, *, author: Person | None, office: Office) -> None:
    """The ticket is being worked on again; the customer who wanted it so has seen it."""
    news = News(ticket, Notice.REOPENED, f"reopened-{ticket.closures_count}")
    for reader in await readers(session, ticket, news.notice, author=author, office=office):
        html = telegram.page(
            "reopened",
            reader.t,
            ticket=ticket,
            author=author,
            company=reader.company,
            state=STATE_WORDS[ticket.state],
        )
        await put(session, reader, news, [telegram.message(html, follow_up(reader, ticket))])


def _names(t: Translator, files: Sequence[Attachment]) -> list[str]:
    """As many as fit a message with anything; more are counted."""
    names = [shorten(file.name, FILE_NAME_SHOWN) for file in files[:FILES_SHOWN]]
    rest = len(files) - len(names)
    return [*names, t.plural("and %(n)s more", "and %(n)s more", rest)] if rest else names


def follow_up(
    reader: Reader, ticket: Ticket, asks: Asks = Asks.OTHER, *, slots: Sequence[datetime] = ()
) -> telegram.Rows:
    """The buttons under every push, by what it asks for; who has muted the ticket finds the way back there."""
    t, number = reader.t, ticket.number
    rows = answer_rows(t, number, asks, slots=slots)
    rows[-1].append(_see(t, ticket))
    if reader.is_muted:
        rows.append([Button(t("Notify me of #%(number)s again", number=number), buttons.data(Tap.UNMUTE, number))])
    return rows


def _see(t: Translator, ticket: Ticket) -> Button:
    return Button(t("See ticket"), buttons.data(Tap.TICKET, ticket.number))


def download(reader: Reader, ticket: Ticket, closure: TicketClosure | None = None) -> Button:
    """The way to the report: for who is only identified it leads over a proof."""
    t = reader.t
    if reader.is_guest:
        return Button(t("Verify this phone"), buttons.data(Tap.PROVE))
    wanted = (closure.number,) if closure else ()
    return Button(t("Download report"), buttons.data(Tap.REPORT, ticket.number, *wanted))


def _number_only(reader: Reader, news: News) -> dict[str, Any]:
    """Which ticket has news and of what sort, for a phone that others look at."""
    t = reader.t
    text = f"#{news.ticket.number}: {t(NOTICE_WORDS[news.notice])}"
    rows = [[_see(t, news.ticket)]]
    if news.notice is Notice.CLOSED:
        rows[0].append(download(reader, news.ticket))
    return telegram.message(telegram.plain(f"{reader.company} · {text}" if reader.company else text), rows)


async def put(
    session: WriteSession, reader: Reader, news: News, payloads: Sequence[dict[str, Any]], *, after: int = 0
) -> None:
    """Put the messages of one notice, those after the first ``after``. Only the very first may ring."""
    if reader.sees_number_only:
        payloads, news = [_number_only(reader, news)], replace(news, report=None)
    about = Subject(
        ticket_id=news.ticket.id,
        article=news.article,
        report_id=news.report.id if news.report else None,
    )
    for index, payload in enumerate(payloads[after:], after):
        method = "sendDocument" if "document" in payload else "sendMessage"
        shown = payload if reader.rings and index == 0 else payload | {"disable_notification": True}
        details: outbox.Details = {
            "urgency": Urgency.REMINDER if news.notice is Notice.REQUEST_REMINDER else Urgency.NEWS,
            "dedupe_key": f"{news.ticket.number}-{news.key}-{reader.chat_id}-{index}",
            "about": about,
        }
        if reader.person.blocked_at is None:
            outbox.post(session, reader.chat_id, method, shown, **details)
        else:
            knocked = await outbox.put(session, reader.chat_id, method, shown, **details)
            reader.person.knocked_id = knocked.id


def mail(session: WriteSession, payload: dict[str, Any], ticket: Ticket, report: Report, *, key: str) -> None:
    """An e-mail to one address about a ticket; it waits for the report."""
    address = payload["to"][0]
    outbox.post(
        session,
        outbox.mail_lane(f"mail-{ticket.company_id}", address),
        "mail",
        payload,
        channel=Channel.EMAIL,
        urgency=Urgency.NEWS,
        dedupe_key=f"{ticket.number}-{key}-{outbox.key_to(address)}-mail",
        about=Subject(ticket_id=ticket.id, report_id=report.id),
    )
