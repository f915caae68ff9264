"""What a customer sent, whatever kind of message it was."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import ColumnElement, func, select

from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging.store import Received
from core.models import Attachment, Draft, FileKind, FileState
from core.wake import Topic

TELEGRAM_DOWNLOAD_LIMIT = 20 * 1024 * 1024
FILES_OF_STRANGERS = 20


@dataclass(frozen=True)
class IncomingFile:
    """A file that Telegram holds for us; ``size`` in bytes, None where Telegram does not say.

    ``unique_id`` stays the same however often the file is sent; empty where it is not known.
    """

    kind: FileKind
    telegram_file_id: str
    name: str
    media_type: str
    size: int | None
    unique_id: str = ""

    @property
    def is_too_big(self) -> bool:
        return self.size is not None and self.size > TELEGRAM_DOWNLOAD_LIMIT


@dataclass(frozen=True)
class Content:
    """A message as the desk takes it: text or caption, at most one file, and where it came from.

    ``preface``: whose words they are, and what they answer. ``revision``: 0 as first sent, else the second of the
    edit × 1000.
    """

    chat_id: int
    message_id: int
    text: str = ""
    preface: str = ""
    file: IncomingFile | None = None
    media_group: str | None = None
    reply_to: int | None = None
    said_at: datetime = field(default_factory=now)
    revision: int = 0

    @property
    def words(self) -> str:
        return "\n".join(part for part in (self.preface, self.text) if part)


@dataclass(frozen=True)
class Home:
    """Where a message is: in an article, in a draft, or in an album that is still arriving."""

    article_id: int | None = None
    draft_id: int | None = None
    album_id: int | None = None


async def has_room(session: ReadSession, chat_id: int) -> bool:
    """Whether one more file is kept of who has not logged in: anybody may write to a bot, and files fill the disk."""
    kept = select(func.count(Attachment.id)).join(Draft, Draft.id == Attachment.draft_id)
    kept = kept.where(Draft.chat_id == chat_id, Draft.company_id.is_(None))
    return (await session.scalar(kept) or 0) < FILES_OF_STRANGERS


async def attach(session: WriteSession, content: Content, home: Home) -> bool:
    """Note the message's file, to be fetched after the commit; False where there is none, or it is known already.

    A file that an edit has put in the place of another comes beside it.
    """
    file = content.file
    if file is None:
        return False
    earlier = (
        await session.scalars(
            select(Attachment).where(Attachment.source_chat == content.chat_id, _may_be_of(content, home))
        )
    ).all()
    if any(_is_same(attachment, file) for attachment in earlier) or (earlier and not content.revision):
        return False
    moment = now()
    session.add(
        Attachment(
            article_id=home.article_id,
            draft_id=home.draft_id,
            album_id=home.album_id,
            kind=file.kind,
            name=plain_name(file.name),
            media_type=file.media_type[:127],
            size=file.size,
            state=FileState.AWAITED if file.is_too_big else FileState.PENDING,
            telegram_file_id=file.telegram_file_id,
            telegram_unique_id=file.unique_id or None,
            source_chat=content.chat_id,
            source_message=None if earlier else content.message_id,
            due_at=None if file.is_too_big else moment,
            created_at=moment,
        )
    )
    await session.flush()
    session.wake(Topic.FILES)
    return True


def plain_name(name: str | None) -> str:
    """The last part of what the sender called a file, without signs that nobody sees or that turn words around."""
    last = PurePath((name or "").replace("\\", "/")).name
    last = "".join(sign for sign in last if sign.isprintable()).strip()
    return last[-255:] or "archivo"


def arrived(attachment: Attachment, received: Received) -> None:
    """The bytes are in the store."""
    attachment.state, attachment.error, attachment.due_at = FileState.STORED, None, None
    attachment.sha256, attachment.size = received.sha256, received.size
    attachment.media_type = received.media_type
    if received.thumbnail is not None:
        attachment.thumbnail_sha256 = received.thumbnail.sha256
        attachment.thumbnail_width = received.thumbnail.width
        attachment.thumbnail_height = received.thumbnail.height


def _may_be_of(content: Content, home: Home) -> ColumnElement[bool]:
    own = Attachment.source_message == content.message_id
    if not content.revision:
        return own
    brought = Attachment.source_message.is_(None)
    if home.article_id is not None:
        return own | (brought & (Attachment.article_id == home.article_id))
    if home.draft_id is not None:
        return own | (brought & (Attachment.draft_id == home.draft_id))
    return own | (brought & (Attachment.album_id == home.album_id))


def _is_same(attachment: Attachment, file: IncomingFile) -> bool:
    if attachment.telegram_unique_id and file.unique_id:
        return attachment.telegram_unique_id == file.unique_id
    return attachment.telegram_file_id == file.telegram_file_id
