"""What tickets are found by is kept in the transaction that changes them, once at its end.

Written here and not by triggers: the words are made in Python, so that both databases answer alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Insert, bindparam, select

from core.db import WriteSession, insert_into, table_of
from core.models import Article, ArticleKind, Attachment, Company, Ticket, TicketWords
from core.rules.words import company_token, number_token, of_note, person_token, tokens

CHANGED = "tickets to be found anew"
ADDED = "articles to be found"
WORDS_LIMIT = 500_000  # bytes; PostgreSQL takes a megabyte for one row


def renew(session: WriteSession, ticket_id: int) -> None:
    """The ticket says something else now: an edit, a late file, a subject, another company."""
    session.info.setdefault(CHANGED, set()).add(ticket_id)
    session.at_end(_write)


def add(session: WriteSession, article: Article) -> None:
    """The ticket says something more; what was said before is not read again, however much that is."""
    session.info.setdefault(ADDED, []).append(article)
    session.at_end(_write)


async def _write(session: WriteSession) -> None:
    """Two statements for all articles that were added, two for all tickets that changed.

    What a ticket is found by is taken before it is read. A company's renaming does not hold the tickets: of it and an
    article beside it, whichever is written last would forget the other.
    """
    changed: set[int] = session.info.pop(CHANGED, set())
    added: list[Article] = session.info.pop(ADDED, [])
    await session.flush()
    # an article of a savepoint that was rolled back is no longer there
    added = [article for article in added if article in session and article.ticket_id not in changed]
    if changed:
        await _take(session, changed | {article.ticket_id for article in added})
    rows, unknown = await _grown(session, added)
    rows += await _anew(session, changed | unknown)
    if not rows:
        return
    await session.execute(_put(session.dialect), rows)


@cache
def _put(dialect: str) -> Insert:
    """Done for every article, so it is put together once; of the table itself, for nothing is loaded."""
    put = insert_into(dialect, table_of(TicketWords))
    return put.on_conflict_do_update(index_elements=[TicketWords.number], set_={"words": put.excluded.words})


async def _take(session: WriteSession, ticket_ids: set[int]) -> None:
    """Everything at once, in one order: what is read afterwards is as whoever came before has left it."""
    if session.dialect != "sqlite":  # which has one writer
        await session.execute(_HELD, {"ticket_ids": list(ticket_ids)})


async def _grown(session: WriteSession, added: Sequence[Article]) -> tuple[list[dict[str, Any]], set[int]]:
    """The rows of tickets that have new words; and the tickets whose words have to be made from all they say."""
    unknown = {article.ticket_id for article in added}
    rows: list[dict[str, Any]] = []
    if not added:
        return rows, unknown
    found = (await session.execute(_NEW, {"article_ids": [article.id for article in added]})).all()
    for number, parts in groupby(found, key=lambda part: int(part.number)):
        of_ticket = list(parts)
        before = of_ticket[0].words
        known = set(before.split(" "))
        words = " ".join([before, *dict.fromkeys(token for token in _said(of_ticket) if token not in known)])
        if len(words.encode()) < WORDS_LIMIT:
            unknown.discard(of_ticket[0].ticket_id)
            if words != before:
                rows.append({"number": number, "words": words})
    return rows, unknown


async def _anew(session: WriteSession, changed: set[int]) -> list[dict[str, Any]]:
    if not changed:
        return []
    found = (await session.execute(_PARTS, {"ticket_ids": list(changed)})).all()
    return [
        {"number": number, "words": words_of(list(parts))}
        for number, parts in groupby(found, key=lambda part: int(part.number))
    ]


# one line for each file of each new article
_NEW = (
    select(
        TicketWords.number,
        TicketWords.words,
        Article.ticket_id,
        Article.id.label("article_id"),
        Article.kind,
        Article.retracted_at,
        Article.text,
        Attachment.name.label("file_name"),
    )
    .join(Ticket, Ticket.number == TicketWords.number)
    .join(Article, Article.ticket_id == Ticket.id)
    .outerjoin(Attachment, Attachment.article_id == Article.id)
    .where(Article.id.in_(bindparam("article_ids", expanding=True)))
    .order_by(TicketWords.number, Article.position)
    .with_for_update(of=TicketWords, key_share=True)  # the rest is this transaction's own, and nobody changes it
)

_HELD = (
    select(TicketWords.number)
    .where(
        TicketWords.number.in_(select(Ticket.number).where(Ticket.id.in_(bindparam("ticket_ids", expanding=True))))
    )
    .order_by(TicketWords.number)
    .with_for_update(key_share=True)
)

# one line for each file of each article, the newest article first: where there is too much, the oldest is left out
_PARTS = (
    select(
        Ticket.number,
        Ticket.company_id,
        Ticket.opened_by_id,
        Ticket.subject,
        Ticket.product,
        Company.name.label("company_name"),
        Company.ruc,
        Article.id.label("article_id"),
        Article.kind,
        Article.retracted_at,
        Article.text,
        Attachment.name.label("file_name"),
    )
    .join(Company, Company.id == Ticket.company_id)
    .outerjoin(Article, Article.ticket_id == Ticket.id)
    .outerjoin(Attachment, Attachment.article_id == Article.id)
    .where(Ticket.id.in_(bindparam("ticket_ids", expanding=True)))
    .order_by(Ticket.number, Article.position.desc())
)


def words_of(parts: Sequence[Any]) -> str:
    """The tokens of one ticket from the lines of ``_PARTS``, each once, as many as may be kept."""
    words: dict[str, None] = {}
    size = 0
    for token in _tokens(parts):
        if token not in words and size < WORDS_LIMIT:
            words[token] = None
            size += len(token.encode()) + 1
    return " ".join(words)


def _tokens(parts: Sequence[Any]) -> Iterator[str]:
    ticket = parts[0]
    yield number_token(ticket.number)
    yield company_token(ticket.company_id)
    if ticket.opened_by_id is not None:
        yield person_token(ticket.opened_by_id)
    yield from tokens(f"{ticket.subject} {ticket.product}")
    yield from map(of_note, tokens(f"{ticket.company_name} {ticket.ruc}"))  # a customer's are all of one company
    yield from _said(parts)


def _said(parts: Iterable[Any]) -> Iterator[str]:
    seen = None
    for part in parts:
        is_note = part.kind == ArticleKind.NOTE or part.retracted_at is not None
        said = part.text if part.article_id != seen else ""
        seen = part.article_id
        for token in tokens(f"{said or ''} {part.file_name or ''}"):
            yield of_note(token) if is_note else token
