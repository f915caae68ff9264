"""Albums: however late or out of order their parts come, they become one article, one answer, one notice."""

import traceback
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update

from core.actions import alerts, articles, happenings, people, sources
from core.actions.content import Content, Home, attach
from core.clock import now
from core.db import ReadSession, WriteSession, is_passing
from core.failpoints import failpoint_async
from core.messaging import outbox
from core.messaging.due import has_come
from core.models import Album, Attachment, Draft, Person, Ticket
from core.render.office import Office
from core.rules.pieces import album_due
from core.wake import Topic

log = structlog.get_logger(__name__)

AT_ONCE = 16
RETRY = timedelta(seconds=10)


async def begin(session: WriteSession, person: Person, content: Content, ticket: Ticket) -> Album:
    """The first part of an album for a ticket. The others follow by themselves; ``close_due`` makes the article.

    Where earlier parts of it were thrown away with their draft, it is the first one that goes anywhere.
    """
    album = await sources.album_of(session, content)
    if album is None or album.closed_at is not None:
        album = _new(person.id, content)
        session.add(album)
    elif album.draft_id is not None:
        album.draft_id, album.source_message, album.first_at = None, content.message_id, now()
    album.ticket_id = ticket.id
    await session.flush()
    await add_part(session, album, content)
    return album


async def add_part(session: WriteSession, album: Album, content: Content) -> None:
    """One more part of an album on its way to its ticket; where all the others were too large, it begins anew."""
    moment = now()
    home = Home(album_id=album.id)
    await attach(session, content, home)
    await sources.record(session, content, home)
    if album.closed_at is not None:
        album.closed_at, album.first_at = None, moment
    album.due_at = album_due(album.first_at, moment)
    await _part_is_noted()
    session.wake(Topic.ALBUMS)


async def hold(session: WriteSession, draft: Draft, content: Content) -> None:
    """Parts that follow this one belong to the draft, and to its article after Enviar."""
    if content.media_group is None:
        return
    album = await sources.album_of(session, content)
    if album is None:
        album = _new(draft.person_id, content)
        session.add(album)
    if album.article_id is None:
        album.draft_id = draft.id
    await session.flush()
    await _part_is_noted()


async def follow(session: WriteSession, draft: Draft, there: Home) -> None:
    """The draft has become an article, or a part of another draft: its albums go with it."""
    closed_at = now() if there.article_id is not None else None
    await session.execute(
        update(Album)
        .where(Album.draft_id == draft.id)
        .values(draft_id=there.draft_id, article_id=there.article_id, closed_at=closed_at)
    )


async def next_due(session: ReadSession) -> datetime | None:
    """When the next album is to be closed; None: none is arriving."""
    query = select(Album.due_at).where(Album.due_at.is_not(None), Album.closed_at.is_(None))
    return await session.scalar(query.order_by(Album.due_at).limit(1))


async def close_due(session: WriteSession, *, office: Office) -> int:
    """Make the articles of the albums that are due; how many. One whose ticket is being written to waits its turn."""
    due = await session.scalars(
        select(Album)
        .where(has_come(Album.due_at, now()), Album.closed_at.is_(None))
        .order_by(Album.due_at, Album.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    closed = 0
    for album in due.all():
        # never waiting for a lock: whoever holds the ticket may be waiting for the album
        ticket = await session.scalar(
            select(Ticket)
            .where(Ticket.id == album.ticket_id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if ticket is not None:
            closed += await _close_safely(session, album, ticket, office=office)
    return closed


async def _close_safely(session: WriteSession, album: Album, ticket: Ticket, *, office: Office) -> bool:
    """One that fails is tried again later and holds up no other."""
    album_id = album.id  # not known of the album any more once its savepoint is rolled back
    try:
        async with session.begin_nested():
            await _close(session, album, ticket, office=office)
            await happenings.write(session)
            await alerts.write(session)
            await outbox.write_posted(session)
    except Exception as error:
        if is_passing(error):
            raise
        outbox.forget_posted(session)
        happenings.forget(session)
        alerts.forget(session)
        where = "".join(traceback.format_tb(error.__traceback__)[-6:])
        log.error("an album could not be closed", album=album_id, error=type(error).__name__, where=where)
        album.due_at = now() + RETRY
        return False
    return True


async def _close(session: WriteSession, album: Album, ticket: Ticket, *, office: Office) -> None:
    """The ticket is locked, as it stands now."""
    await failpoint_async("album.before_close")
    album.due_at, album.closed_at = None, now()
    here = Home(album_id=album.id)
    text = sources.text_of(await sources.messages_of(session, here))
    has_files = (
        await session.scalar(select(Attachment.id).where(Attachment.album_id == album.id).limit(1)) is not None
    )
    if not text and not has_files:
        return  # every part was too large, and the customer has been told
    person = await session.get_one(Person, album.person_id)
    first = Content(chat_id=album.chat_id, message_id=album.source_message, media_group=album.media_group)
    article = await articles.add(session, person, ticket, text=text, content=first)
    album.article_id = article.id
    await sources.move(session, here, Home(article_id=article.id))
    await articles.tell(session, ticket, article, office=office)
    if ticket.company_id in {binding.company_id for binding in await people.bindings(session, [person])}:
        await articles.acknowledge(session, person, ticket, article, office=office)


async def _part_is_noted() -> None:
    await failpoint_async("album.after_part")


def _new(person_id: int, content: Content) -> Album:
    return Album(
        chat_id=content.chat_id,
        media_group=content.media_group or "",
        person_id=person_id,
        source_message=content.message_id,
        refused="",
        first_at=now(),
    )
