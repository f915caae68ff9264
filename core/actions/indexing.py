"""What tickets are found by is kept in the transaction that changes them, once at its end.

Written here and not by triggers: the words are made in Python, so that both databases answer alike.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.db import WriteSession
from core.models import Article, ArticleKind, Attachment, Company, Ticket, TicketWords
from core.rules.words import company_token, number_token, of_note, person_token, tokens

CHANGED = "tickets to be found anew"
WORDS_LIMIT = 500_000  # bytes; PostgreSQL takes a megabyte for one row


def renew(session: WriteSession, ticket_id: int) -> None:
    """The ticket says something else now: an article, an edit, a file, a subject, another company."""
    session.info.setdefault(CHANGED, set()).add(ticket_id)
    session.at_end(_write)


async def _write(session: WriteSession) -> None:
    """Make the words of all changed tickets anew: two statements, however many they are."""
    changed: set[int] = session.info.pop(CHANGED, set())
    await session.flush()
    found = (await session.execute(_PARTS.where(Ticket.id.in_(changed)))).all()
    rows = [
        {"number": number, "words": words_of(list(parts))}
        for number, parts in groupby(found, key=lambda part: int(part.number))
    ]
    if not rows:
        return  # a ticket of a savepoint that was rolled back
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    put = insert(TicketWords)
    put = put.on_conflict_do_update(index_elements=[TicketWords.number], set_={"words": put.excluded.words})
    await session.execute(put, rows)


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
        Article.text,
        Attachment.name.label("file_name"),
    )
    .join(Company, Company.id == Ticket.company_id)
    .outerjoin(Article, Article.ticket_id == Ticket.id)
    .outerjoin(Attachment, Attachment.article_id == Article.id)
    .order_by(Ticket.number, Article.position.desc())
)


def words_of(parts: Sequence[Any]) -> str:
    """The tokens of one ticket from the lines of ``_PARTS``, each once."""
    found: dict[str, None] = {}
    size = 0
    for token in _tokens(parts):
        if token not in found and size < WORDS_LIMIT:
            found[token] = None
            size += len(token.encode()) + 1
    return " ".join(found)


def _tokens(parts: Sequence[Any]) -> Iterator[str]:
    ticket = parts[0]
    yield number_token(ticket.number)
    yield company_token(ticket.company_id)
    if ticket.opened_by_id is not None:
        yield person_token(ticket.opened_by_id)
    yield from tokens(f"{ticket.subject} {ticket.product}")
    yield from map(of_note, tokens(f"{ticket.company_name} {ticket.ruc}"))  # a customer's are all of one company
    seen = None
    for part in parts:
        is_note = part.kind == ArticleKind.NOTE
        said = part.text if part.article_id != seen else ""
        seen = part.article_id
        for token in tokens(f"{said or ''} {part.file_name or ''}"):
            yield of_note(token) if is_note else token
