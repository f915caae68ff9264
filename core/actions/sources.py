"""Which message of a customer went where, so that later parts, corrections and repetitions find their place."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, tuple_, update

from core.actions.content import Content, Home
from core.db import ReadSession, WriteSession, table_of
from core.models import Album, Article, Attachment, CustomerMessage
from core.rules.intake import Field
from core.rules.pieces import Piece, is_cut, renewed, written

MADE = "messages that made articles"  # where a session keeps them until its end


async def known(session: ReadSession, chat_id: int, message_id: int) -> CustomerMessage | None:
    return await session.scalar(
        select(CustomerMessage).where(CustomerMessage.chat_id == chat_id, CustomerMessage.message_id == message_id)
    )


async def newest_until(session: ReadSession, chat_id: int, message_id: int) -> CustomerMessage | None:
    """The message itself where it was taken before, else the one taken before it."""
    return await session.scalar(
        select(CustomerMessage)
        .where(CustomerMessage.chat_id == chat_id, CustomerMessage.message_id <= message_id)
        .order_by(CustomerMessage.message_id.desc())
        .limit(1)
    )


async def newest_of(session: ReadSession, chat_ids: Collection[int]) -> dict[int, CustomerMessage]:
    """The newest message taken from each chat."""
    found = await session.scalars(_newest_of(), {"chats": list(chat_ids)})
    return {message.chat_id: message for message in found}


@cache
def _newest_of() -> Select[CustomerMessage]:
    newest = (
        select(CustomerMessage.chat_id, func.max(CustomerMessage.message_id))
        .where(CustomerMessage.chat_id.in_(bindparam("chats", expanding=True)))
        .group_by(CustomerMessage.chat_id)
    )
    return select(CustomerMessage).where(tuple_(CustomerMessage.chat_id, CustomerMessage.message_id).in_(newest))


def is_rest_of(content: Content, before: CustomerMessage) -> bool:
    """Whether the client cut one text, and this is the next piece of it."""
    is_text = content.file is None and content.media_group is None and bool(content.text)
    return is_text and home_of(before) is not None and is_cut(before.text, before.said_at, content.said_at)


def home_of(message: CustomerMessage) -> Home | None:
    """None for words that were replaced in a draft."""
    home = Home(message.article_id, message.draft_id, message.album_id)
    return home if home != Home() else None


async def record(
    session: WriteSession, content: Content, home: Home, *, field: Field = Field.TEXT, continues: bool = False
) -> CustomerMessage:
    """Note where a message went."""
    message = CustomerMessage(**_said(content, field=field, continues=continues), **asdict(home))
    session.add(message)
    await session.flush()
    return message


def record_new(session: WriteSession, content: Content, article: Article) -> None:
    """Note that a message made an article; written at the end, in one statement with others of the transaction."""
    session.info.setdefault(MADE, []).append((_said(content), article))
    session.at_end(write_new)


async def write_new(session: WriteSession) -> None:
    """Write what made articles until now. Past the ORM, for nobody needs these rows in the transaction."""
    made: list[tuple[dict[str, Any], Article]] = session.info.pop(MADE, [])
    await session.flush()
    # an article of a savepoint that was rolled back is no longer there
    rows = [said | {"article_id": article.id} for said, article in made if article in session]
    if rows:
        await session.execute(insert(table_of(CustomerMessage)), rows)


def _said(content: Content, *, field: Field = Field.TEXT, continues: bool = False) -> dict[str, Any]:
    return {
        "chat_id": content.chat_id,
        "message_id": content.message_id,
        "field": field,
        "text": content.text,
        "preface": content.preface,
        "continues": continues,
        "said_at": content.said_at,
        "revision": content.revision,
    }


async def messages_of(session: ReadSession, home: Home, field: Field = Field.TEXT) -> Sequence[CustomerMessage]:
    """The messages of an article, a draft or an album whose words are in this field, in the order they were said."""
    query = select(CustomerMessage).where(CustomerMessage.field == field).order_by(CustomerMessage.message_id)
    if home.article_id is not None:
        query = query.where(CustomerMessage.article_id == home.article_id)
    elif home.draft_id is not None:
        query = query.where(CustomerMessage.draft_id == home.draft_id)
    else:
        query = query.where(CustomerMessage.album_id == home.album_id)
    return (await session.scalars(query)).all()


def text_of(messages: Sequence[CustomerMessage | Content]) -> str:
    """Their words as one text."""
    return written([Piece(message.text, message.preface, _continues(message)) for message in messages])


def _continues(message: CustomerMessage | Content) -> bool:
    return isinstance(message, CustomerMessage) and message.continues


async def move(session: WriteSession, here: Home, there: Home) -> None:
    """Messages and files go somewhere else together: with a draft to its article, with an album, nowhere."""
    values = {"article_id": there.article_id, "draft_id": there.draft_id, "album_id": there.album_id}
    for table in (CustomerMessage, Attachment):
        is_here = table.draft_id == here.draft_id if here.draft_id is not None else table.album_id == here.album_id
        await session.execute(update(table).where(is_here).values(values))


async def forget(session: WriteSession, home: Home, field: Field) -> None:
    """The words of a field were replaced: the messages that said the old ones are in nothing any more."""
    await session.execute(
        update(CustomerMessage)
        .where(CustomerMessage.draft_id == home.draft_id, CustomerMessage.field == field)
        .values(draft_id=None)
    )


async def album_of(session: ReadSession, content: Content) -> Album | None:
    """The album this message is a part of, the newest where the number was used again; locked for the transaction."""
    if content.media_group is None:
        return None
    return await session.scalar(
        select(Album)
        .where(Album.chat_id == content.chat_id, Album.media_group == content.media_group)
        .order_by(Album.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def add_words(
    session: WriteSession, whole: str, content: Content, home: Home, *, continues: bool = False
) -> str:
    """Note one more message of an article or a draft, and say how its text reads with it."""
    before = await messages_of(session, home)
    said = await record(session, content, home, continues=continues)
    after = sorted([*before, said], key=lambda message: message.message_id)
    return renewed(whole, text_of(before), text_of(after))


async def with_subject(session: WriteSession, home: Home, text: str) -> str:
    """The text of a draft whose subject becomes a part of it: the message that said it is words like any other."""
    before = await messages_of(session, home)
    await session.execute(
        update(CustomerMessage)
        .where(CustomerMessage.draft_id == home.draft_id, CustomerMessage.field == Field.SUBJECT)
        .values(field=Field.TEXT)
    )
    return renewed(text, text_of(before), text_of(await messages_of(session, home)))
