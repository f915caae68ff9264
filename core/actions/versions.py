"""A customer's edit is a new version of the article; the original and all between are kept."""

from datetime import UTC, datetime

from sqlalchemy import select

from core.actions import articles, indexing, notify, sources
from core.actions.content import Content, Home, attach
from core.actions.events import note_event
from core.db import ROW, WriteSession
from core.models import Article, ArticleVersion, CustomerMessage, EventKind, Ticket
from core.render.office import Office
from core.rules.intake import Field, one_line
from core.rules.limits import SUBJECT_LIMIT
from core.rules.pieces import SECOND, renewed


def says_the_same(message: CustomerMessage, content: Content) -> bool:
    """Telegram reports edits that change no word: a link got its preview, a reaction was counted."""
    return (message.text, message.preface) == (content.text, content.preface)


def is_older(message: CustomerMessage, content: Content) -> bool:
    """Whether something newer is known. Within one second the order of arrival counts."""
    return content.revision // SECOND < message.revision // SECOND


def renew(message: CustomerMessage, content: Content) -> None:
    """From now on the message says this."""
    message.text, message.preface = content.text, content.preface
    message.revision = max(content.revision, message.revision)


async def correct(
    session: WriteSession, article: Article, message: CustomerMessage, content: Content, *, office: Office
) -> bool:
    """Take an edit of a message that is in an article; False where it changes nothing.

    A new file comes beside the old one. An edit older than what is known takes its place among the versions.
    """
    has_new_file = await attach(session, content, Home(article_id=article.id))
    if message.field is Field.SUBJECT:
        return await _rename(session, article, message, content) or has_new_file
    if says_the_same(message, content):
        if has_new_file:
            article.edited_at = _moment(content)
            await _show(session, article, office=office)
        return has_new_file
    before = await sources.messages_of(session, Home(article_id=article.id))
    words = sources.text_of(before)
    if is_older(message, content):
        return await _insert(session, article, message, content)
    await _keep_current(session, article, message)
    renew(message, content)
    article.text = renewed(article.text, words, sources.text_of(before))
    article.edited_at = _moment(content)
    message.revision = await _add(session, article, article.text, content)
    await _show(session, article, office=office)
    return True


async def correct_part(session: WriteSession, message: CustomerMessage, content: Content) -> None:
    """Take an edit of a part of an album that is still arriving: its article will say it right from the start."""
    await attach(session, content, Home(album_id=message.album_id))
    if not is_older(message, content):
        renew(message, content)
        await session.flush()


async def _insert(session: WriteSession, article: Article, message: CustomerMessage, content: Content) -> bool:
    """Something said before what we have: the text stays, the older version stands before it."""
    messages = await sources.messages_of(session, Home(article_id=article.id))
    as_it_was = [content if other is message else other for other in messages]
    older = renewed(article.text, sources.text_of(messages), sources.text_of(as_it_was))
    known = await _versions(session, article)
    if any(_is_near(version, content) and version.text == older for version in known):
        return False
    await _keep_current(session, article, message)
    article.edited_at = article.edited_at or _moment_of(message.revision)
    await _add(session, article, older, content)
    return True


async def _rename(session: WriteSession, article: Article, message: CustomerMessage, content: Content) -> bool:
    """The message that gave the ticket its subject was corrected."""
    subject = one_line(content.text)
    ticket = await session.get_one(Ticket, article.ticket_id, with_for_update=ROW, populate_existing=True)
    if not 0 < len(subject) <= SUBJECT_LIMIT or subject == ticket.subject or is_older(message, content):
        return False
    note_event(session, ticket, EventKind.RENAMED, by=article.person, before=ticket.subject, after=subject)
    renew(message, content)
    ticket.subject = subject
    indexing.renew(session, ticket.id)
    await session.flush()
    return True


async def _show(session: WriteSession, article: Article, *, office: Office) -> None:
    ticket = await articles.reached_again(session, article)
    files = await articles.files(session, article)
    await notify.retell_article(session, ticket, article, office=office, files=files)


async def _keep_current(session: WriteSession, article: Article, message: CustomerMessage) -> None:
    """Before the first edit there are no versions: what the article says becomes the first."""
    if not await _versions(session, article):
        at = _moment_of(message.revision) if message.revision else article.created_at
        session.add(
            ArticleVersion(article_id=article.id, number=1, text=article.text, at=at, revision=message.revision)
        )
        await session.flush()


async def _add(session: WriteSession, article: Article, text: str, content: Content) -> int:
    """The revision under which the version is kept: another one in the same second counts up."""
    versions = await _versions(session, article)
    taken = {version.revision for version in versions}
    revision = content.revision
    while revision in taken:
        revision += 1
    at = _moment(content) if content.revision else article.created_at
    session.add(ArticleVersion(article_id=article.id, number=len(versions) + 1, text=text, at=at, revision=revision))
    await session.flush()
    return revision


async def _versions(session: WriteSession, article: Article) -> list[ArticleVersion]:
    query = select(ArticleVersion).where(ArticleVersion.article_id == article.id).order_by(ArticleVersion.revision)
    return list(await session.scalars(query))


def _is_near(version: ArticleVersion, content: Content) -> bool:
    return version.revision // SECOND == content.revision // SECOND


def _moment(content: Content) -> datetime:
    return _moment_of(content.revision)


def _moment_of(revision: int) -> datetime:
    return datetime.fromtimestamp(revision // SECOND, UTC)
