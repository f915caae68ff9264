"""What a customer sent, whatever kind of message it was."""

from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import select

from core.clock import now
from core.db import WriteSession
from core.messaging.store import Received
from core.models import Attachment, FileKind, FileState
from core.wake import Topic

TELEGRAM_DOWNLOAD_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class IncomingFile:
    """A file that Telegram holds for us; ``size`` in bytes, None where Telegram does not say."""

    kind: FileKind
    telegram_file_id: str
    name: str
    media_type: str
    size: int | None

    @property
    def is_too_big(self) -> bool:
        return self.size is not None and self.size > TELEGRAM_DOWNLOAD_LIMIT


@dataclass(frozen=True)
class Content:
    """A message as the desk takes it: text or caption, at most one file, and where it came from."""

    chat_id: int
    message_id: int
    text: str = ""
    file: IncomingFile | None = None
    media_group: str | None = None
    reply_to: int | None = None


async def attach(
    session: WriteSession, content: Content, *, article_id: int | None = None, draft_id: int | None = None
) -> bool:
    """Note the message's file, to be fetched after the commit; False where the message is known already."""
    file = content.file
    if file is None:
        return False
    known = await session.scalar(
        select(Attachment.id).where(
            Attachment.source_chat == content.chat_id, Attachment.source_message == content.message_id
        )
    )
    if known is not None:
        return False
    moment = now()
    session.add(
        Attachment(
            article_id=article_id,
            draft_id=draft_id,
            kind=file.kind,
            name=plain_name(file.name),
            media_type=file.media_type[:127],
            size=file.size,
            state=FileState.AWAITED if file.is_too_big else FileState.PENDING,
            telegram_file_id=file.telegram_file_id,
            source_chat=content.chat_id,
            source_message=content.message_id,
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
