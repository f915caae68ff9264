"""From Telegram's update to what the desk takes: chat, sender, content."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot import wording
from bot.update import Message
from core.actions.content import Content, IncomingFile
from core.clock import now
from core.i18n import Translator
from core.messaging.inbox import Incoming
from core.models import FileKind
from core.rules.pieces import revision_of

_LARGEST = 2**63 - 1

# Where an update says what chat it belongs to, best first; it may be of a kind nobody knows yet.
_LANES = (("chat", "id"), ("message", "chat", "id"), ("from", "id"), ("user", "id"))
NO_LANE = "none"


def lane_of(update: Mapping[str, Any]) -> str:
    """The chat an update belongs to: its updates are worked off in order. However odd the update, no error."""
    for path in _LANES:
        for part in update.values():
            found = _at(part, path)
            if isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST:
                return str(found)
    return NO_LANE


def to_store(update: Mapping[str, Any]) -> Incoming:
    """The update as the inbox keeps it. Raises KeyError for one without an id."""
    # half a surrogate pair is no text: neither UTF-8 nor a database takes it
    raw = json.dumps(update, ensure_ascii=False).encode(errors="replace")
    return Incoming(update["update_id"], lane_of(update), raw)


def _at(part: Any, path: Sequence[str]) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def read(message: Message, t: Translator) -> Content | None:
    """The message as content, or None for a kind the desk has no use for (sticker, dice …)."""
    text = wording.text_of(message, t)
    file = _file_of(message)
    if not text and file is None:
        return None
    return Content(
        chat_id=message.chat_id,
        message_id=message.message_id,
        text=text,
        preface=wording.preface_of(message, t),
        file=file,
        media_group=message.media_group_id,
        reply_to=message.reply_to_message.message_id if message.reply_to_message else None,
        said_at=message.date or now(),
        revision=revision_of(message.edit_date),
    )


def _file_of(message: Message) -> IncomingFile | None:
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        return _file(FileKind.PHOTO, best, f"foto-{message.message_id}.jpg", "image/jpeg")
    for kind, attribute, (stem, suffix), media_type in _FILES:
        part = getattr(message, attribute)
        if part is not None:
            return _file(kind, part, f"{stem}-{message.message_id}{suffix}", media_type)
    return None


def _file(kind: FileKind, part: Any, name: str, media_type: str) -> IncomingFile:
    size = part.file_size if isinstance(part.file_size, int) and 0 <= part.file_size <= _LARGEST else None
    given = getattr(part, "file_name", None), getattr(part, "mime_type", None)
    return IncomingFile(
        kind, part.file_id, str(given[0] or name), str(given[1] or media_type), size, str(part.file_unique_id)
    )


# An animation comes with a document of the same file: the animation is looked at first. A live photo brings its
# still picture as a photo, too, which is what the desk keeps; without one it keeps the moving one.
_FILES = (
    (FileKind.ANIMATION, "animation", ("animacion", ".mp4"), "video/mp4"),
    (FileKind.DOCUMENT, "document", ("documento", ""), "application/octet-stream"),
    (FileKind.VIDEO, "video", ("video", ".mp4"), "video/mp4"),
    (FileKind.VIDEO, "live_photo", ("foto", ".mp4"), "video/mp4"),
    (FileKind.VOICE, "voice", ("voz", ".ogg"), "audio/ogg"),
    (FileKind.AUDIO, "audio", ("audio", ".mp3"), "audio/mpeg"),
    (FileKind.VIDEO_NOTE, "video_note", ("video", ".mp4"), "video/mp4"),
)
