"""From Telegram's update to what the desk takes: chat, sender, content."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from telegram import Message, Update

from bot import kinds, wording
from core.actions.content import Content, IncomingFile
from core.actions.people import TelegramUser
from core.clock import now
from core.i18n import Translator
from core.messaging.inbox import Incoming
from core.models import FileKind
from core.rules.pieces import revision_of

# What the desk reads. The rest stays unparsed: the library refuses a whole update for one part it finds wanting,
# and Telegram adds parts every few months.
_UPDATE = frozenset(name for name, is_read in kinds.UPDATES.items() if is_read)
_MESSAGES = frozenset({"message", "edited_message"})
_REPLIED = frozenset({"message_id", "date", "chat", "from"})
_FRAME = frozenset({"message_id", "date", "chat", "from"})
# The library takes these as they come.
_TYPES: Mapping[str, type] = {"message_id": int, "text": str, "caption": str, "media_group_id": str, "data": str}
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


def parse(raw: Mapping[str, Any]) -> Update:
    """The update without what the desk has no use for; a message of a new kind is left with no content.

    Parts of a message that cannot be read are left out; raises what the library raises where nothing is left.
    """
    kept = {name: _clean(part) for name, part in raw.items() if name in _UPDATE and isinstance(part, dict)}
    for name in _MESSAGES & kept.keys():
        kept[name] = _message(kept[name])
    if query := kept.get("callback_query"):
        message = query.get("message")
        kept["callback_query"] = _typed(query) | ({"message": _only(message, _REPLIED)} if message else {})
    if "my_chat_member" in kept and _at(kept["my_chat_member"], ("chat", "type")) != "private":
        del kept["my_chat_member"]
    kept["update_id"] = raw["update_id"]
    try:
        return Update.de_json(kept, None)
    except Exception:  # the library's classes raise whatever a missing or odd part leads to
        return Update.de_json(kept | {name: _mended(kept[name]) for name in _MESSAGES & kept.keys()}, None)


def is_service(raw: Mapping[str, Any]) -> bool:
    """Whether the update is Telegram's own note of something that happened in the chat."""
    message = raw.get("message") or raw.get("edited_message")
    return isinstance(message, dict) and kinds.is_service(message)


def _message(message: dict[str, Any]) -> dict[str, Any]:
    kept = _typed(_only(message, kinds.READ))
    if kept.get("reply_to_message"):
        kept["reply_to_message"] = _only(kept["reply_to_message"], _REPLIED)
    return kept


def _mended(message: dict[str, Any]) -> dict[str, Any]:
    """The message without the parts that cannot be read."""
    sound = _only(message, _FRAME)
    for name in message.keys() - _FRAME:
        try:
            Message.de_json(sound | {name: message[name]}, None)
        except Exception:  # noqa: S112 - whatever it is, this part is the one that cannot be read
            continue
        sound[name] = message[name]
    return sound


def _typed(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if isinstance(value, _TYPES.get(name, object))}


def _only(part: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name in names}


def _clean(part: Any) -> Any:
    """Without what no database holds: the sign of number zero, halves of a pair."""
    if isinstance(part, str):
        return part.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(part, dict):
        return {_clean(name): _clean(value) for name, value in part.items()}
    return [_clean(value) for value in part] if isinstance(part, list) else part


def _at(part: Any, path: Sequence[str]) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def user_of(message_or_query: Any) -> TelegramUser | None:
    """Who sent it; None for what nobody sent (a channel's post)."""
    user = message_or_query.from_user
    if user is None:
        return None
    return TelegramUser(user.id, str(user.first_name), str(user.last_name or ""), user.username, user.language_code)


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
        said_at=message.date if isinstance(message.date, datetime) else now(),
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
