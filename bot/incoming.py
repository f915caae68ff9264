"""From Telegram's update to what the desk takes: chat, sender, content."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from telegram import Message, Update

from core.actions.content import Content, IncomingFile
from core.actions.people import TelegramUser
from core.messaging.inbox import Incoming
from core.models import FileKind

# What the desk reads. The rest stays unparsed: the library refuses a whole update for one part it finds wanting,
# and Telegram adds parts every few months.
_UPDATE = frozenset(
    {"update_id", "message", "edited_message", "channel_post", "edited_channel_post", "callback_query"}
    | {"my_chat_member"}
)
_MESSAGES = _UPDATE - {"update_id", "callback_query", "my_chat_member"}
_MESSAGE = frozenset(
    {"message_id", "date", "edit_date", "chat", "from", "media_group_id", "forward_origin", "reply_to_message"}
    | {"text", "caption", "photo", "document", "video", "voice", "audio", "video_note", "animation"}
    | {"location", "venue", "contact"}
)
_REPLIED = frozenset({"message_id", "date", "chat", "from"})

# Where an update says what chat it belongs to, best first; it may be of a kind nobody knows yet.
_LANES = (("chat", "id"), ("message", "chat", "id"), ("from", "id"), ("user", "id"))
NO_LANE = "none"


def lane_of(update: Mapping[str, Any]) -> str:
    """The chat an update belongs to: its updates are worked off in order. However odd the update, no error."""
    for path in _LANES:
        for part in update.values():
            found = _at(part, path)
            if isinstance(found, int):
                return str(found)[:64]
    return NO_LANE


def to_store(update: Mapping[str, Any]) -> Incoming:
    """The update as the inbox keeps it. Raises KeyError for one without an id."""
    # half a surrogate pair is no text: neither UTF-8 nor a database takes it
    raw = json.dumps(update, ensure_ascii=False).encode(errors="replace")
    return Incoming(update["update_id"], lane_of(update), raw)


def parse(raw: Mapping[str, Any]) -> Update:
    """The update without what the desk has no use for; a message of a new kind is left with no content."""
    kept = {name: part for name, part in raw.items() if name in _UPDATE and part is not None}
    for name in _MESSAGES & kept.keys():
        kept[name] = _message(kept[name])
    if query := kept.get("callback_query"):
        message = query.get("message")
        kept["callback_query"] = query | ({"message": _only(message, _REPLIED)} if message else {})
    if "my_chat_member" in kept and _at(kept["my_chat_member"], ("chat", "type")) != "private":
        del kept["my_chat_member"]
    return Update.de_json(kept, None)


def _message(message: dict[str, Any]) -> dict[str, Any]:
    kept = _only(message, _MESSAGE)
    if kept.get("reply_to_message"):
        kept["reply_to_message"] = _only(kept["reply_to_message"], _REPLIED)
    return kept


def _only(part: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name in names}


def _at(part: Any, path: Sequence[str]) -> Any:
    for name in path:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def user_of(message_or_query: Any) -> TelegramUser | None:
    """Who sent it; None for what nobody sent (a channel's post)."""
    user = message_or_query.from_user
    if user is None:
        return None
    return TelegramUser(user.id, user.first_name, user.last_name or "", user.username, user.language_code)


def read(message: Message) -> Content | None:
    """The message as content, or None for a kind the desk has no use for (sticker, poll, dice …)."""
    text = message.text or message.caption or _words_of(message)
    file = _file_of(message)
    if not text and file is None:
        return None
    return Content(
        chat_id=message.chat_id,
        message_id=message.message_id,
        text=text,
        file=file,
        media_group=message.media_group_id,
        reply_to=message.reply_to_message.message_id if message.reply_to_message else None,
    )


def _words_of(message: Message) -> str:
    """A place or a contact says something in words."""
    if message.venue:
        return f"{message.venue.title}, {message.venue.address}"
    if message.location:
        return f"https://maps.google.com/?q={message.location.latitude},{message.location.longitude}"
    if message.contact:
        name = f"{message.contact.first_name} {message.contact.last_name or ''}".strip()
        return f"{name} {message.contact.phone_number}"
    return ""


def _file_of(message: Message) -> IncomingFile | None:
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        name = f"foto-{message.message_id}.jpg"
        return IncomingFile(FileKind.PHOTO, best.file_id, name, "image/jpeg", best.file_size)
    for kind, attribute, suffix, media_type in _FILES:
        part = getattr(message, attribute)
        if part is not None:
            name = getattr(part, "file_name", None) or f"{suffix[0]}-{message.message_id}{suffix[1]}"
            return IncomingFile(
                kind, part.file_id, name, getattr(part, "mime_type", None) or media_type, part.file_size
            )
    return None


# An animation comes with a document of the same file: the animation is looked at first.
_FILES = (
    (FileKind.ANIMATION, "animation", ("animacion", ".mp4"), "video/mp4"),
    (FileKind.DOCUMENT, "document", ("documento", ""), "application/octet-stream"),
    (FileKind.VIDEO, "video", ("video", ".mp4"), "video/mp4"),
    (FileKind.VOICE, "voice", ("voz", ".ogg"), "audio/ogg"),
    (FileKind.AUDIO, "audio", ("audio", ".mp3"), "audio/mpeg"),
    (FileKind.VIDEO_NOTE, "video_note", ("video", ".mp4"), "video/mp4"),
)
