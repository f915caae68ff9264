"""Articles of technicians, with their files, once per submission."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from core.actions import happenings, indexing
from core.actions.content import arrived
from core.actions.events import touch
from core.clock import now
from core.db import WriteSession
from core.errors import InvalidError
from core.i18n import N_
from core.messaging.store import Received
from core.models import Article, ArticleKind, Attachment, FileKind, Technician, Ticket
from core.rules.requests import Asks

TEXT_LONGEST = 20_000


@dataclass(frozen=True)
class NewFile:
    """A file whose bytes are in the store already."""

    name: str
    content: Received

    @property
    def size(self) -> int:
        return self.content.size


def refuse_too_long(text: str, *, field: str) -> None:
    """Raises InvalidError."""
    if len(text) > TEXT_LONGEST:
        raise InvalidError(N_("The text is too long: at most %(n)s characters."), field=field, n=TEXT_LONGEST)


async def write(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    text: str,
    files: Sequence[NewFile],
    submission: str | None,
    kind: ArticleKind,
    asks: Asks | None = None,
) -> Article:
    """A technician's article at the end of the ticket. Raises InvalidError for one without words and files.

    Without files it is not flushed: what follows for the ticket goes into the same UPDATE.
    """
    text = text.strip()
    if not text and not files:
        raise InvalidError(N_("Write a text."), field="text")
    refuse_too_long(text, field="text")
    ticket.articles_count += 1
    moment = now()
    article = Article(
        ticket_id=ticket.id,
        position=ticket.articles_count,
        kind=kind,
        asks=asks,
        technician=actor,
        person=None,
        text=text,
        submission=submission,
        created_at=moment,
    )
    session.add(article)
    touch(ticket)
    indexing.add(session, article)
    happenings.note_article(session, ticket, article)
    if files:
        await session.flush()
        session.add_all(attachment(file, article_id=article.id) for file in files)
        await session.flush()
    return article


def attachment(file: NewFile, *, article_id: int | None = None, draft_id: int | None = None) -> Attachment:
    """The row of a file that is in the store already."""
    row = Attachment(
        article_id=article_id, draft_id=draft_id, kind=FileKind.DOCUMENT, name=file.name[:255], created_at=now()
    )
    arrived(row, file.content)
    return row


async def files(session: WriteSession, article: Article) -> Sequence[Attachment]:
    query = select(Attachment).where(Attachment.article_id == article.id).order_by(Attachment.id)
    return (await session.scalars(query)).all()


async def known(session: WriteSession, submission: str | None) -> Article | None:
    """The article this submission made already."""
    if submission is None:
        return None
    return await session.scalar(_KNOWN, {"submission": submission})


_KNOWN = select(Article).where(Article.submission == bindparam("submission"))
