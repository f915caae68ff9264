"""What the desk reads of an update: the frame by itself, each part of a message by the library.

The rest stays unparsed: Telegram adds parts every few months. A part that cannot be read is left out, and the message
stands without it. The library's own ``Message`` tries a hundred parts for each, a sixth of the worker's time.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from telegram import (
    Animation,
    Audio,
    Checklist,
    Contact,
    Document,
    ExternalReplyInfo,
    LivePhoto,
    Location,
    MessageEntity,
    MessageOrigin,
    PhotoSize,
    Poll,
    Sticker,
    TextQuote,
    Venue,
    Video,
    VideoNote,
    Voice,
)

from bot import kinds
from core.actions.people import TelegramUser


@dataclass(frozen=True)
class Chat:
    id: int
    type: str

    @property
    def is_private(self) -> bool:
        return self.type == "private"


@dataclass(frozen=True)
class Replied:
    """The message that another one answers."""

    message_id: int
    text: str


@dataclass(frozen=True)
class Message:
    """By Telegram's own names, as far as ``kinds`` says that it is read."""

    message_id: int
    chat_id: int
    date: datetime | None = None
    edit_date: datetime | None = None
    media_group_id: str | None = None
    forward_origin: MessageOrigin | None = None
    reply_to_message: Replied | None = None
    quote: TextQuote | None = None
    external_reply: ExternalReplyInfo | None = None
    text: str | None = None
    entities: Sequence[MessageEntity] = ()
    caption: str | None = None
    caption_entities: Sequence[MessageEntity] = ()
    contact: Contact | None = None
    location: Location | None = None
    venue: Venue | None = None
    poll: Poll | None = None
    checklist: Checklist | None = None
    photo: Sequence[PhotoSize] = ()
    document: Document | None = None
    video: Video | None = None
    voice: Voice | None = None
    audio: Audio | None = None
    video_note: VideoNote | None = None
    animation: Animation | None = None
    live_photo: LivePhoto | None = None
    sticker: Sticker | None = None


@dataclass(frozen=True)
class Press:
    """Of a button under a message of ours; ``message_id`` is None where Telegram does not say which."""

    query_id: str
    data: str
    message_id: int | None


@dataclass(frozen=True)
class Update:
    """Who did what in which chat; one of a kind the desk does not read has nothing of it.

    ``user``: nobody where a channel or a bot wrote. ``has_left``: the person has blocked the bot, or is back.
    """

    chat: Chat | None = None
    user: TelegramUser | None = None
    message: Message | None = None
    is_edit: bool = False
    press: Press | None = None
    has_left: bool | None = None

    @property
    def author(self) -> TelegramUser | None:
        """The person whose update it is; None where nobody is to be answered in private."""
        is_private = self.chat is None or self.chat.is_private
        return self.user if is_private and not self.has_left else None


def read(raw: bytes) -> Update | None:
    """None where nobody did anything: Telegram's own note. Raises where chat or sender cannot be made out."""
    update = json.loads(raw)
    if b"\\u" in raw:
        update = _clean(update)
    for name, understand in _KINDS.items():
        part = update.get(name)
        if isinstance(part, dict):
            return understand(part)
    return Update()


def _said(part: Mapping[str, Any], *, is_edit: bool = False) -> Update | None:
    if kinds.is_service(part):
        return None
    chat = _chat(part["chat"])
    return Update(chat, _user(part.get("from")), _message(part, chat), is_edit)


def _pressed(part: Mapping[str, Any]) -> Update:
    data, under = part.get("data"), part.get("message")
    message = under if isinstance(under, dict) else {}
    press = Press(str(part["id"]), data if isinstance(data, str) else "", message.get("message_id"))
    return Update(_chat(message["chat"]) if message else None, _user(part["from"]), press=press)


def _changed(part: Mapping[str, Any]) -> Update:
    """Blocked or unblocked by a person; what a group does with the bot needs no answer."""
    chat = _chat(part["chat"])
    if not chat.is_private:
        return Update()
    return Update(chat, _user(part["from"]), has_left=part["new_chat_member"]["status"] in {"kicked", "left"})


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Update | None]] = {
    "message": _said,
    "edited_message": partial(_said, is_edit=True),
    "callback_query": _pressed,
    "my_chat_member": _changed,
}


def _message(part: Mapping[str, Any], chat: Chat) -> Message:
    parts = {}
    for name in part.keys() & PARTS.keys():
        try:
            parts[name] = PARTS[name](part[name])
        except Exception:  # noqa: S112 - the library's classes raise whatever a missing or odd part leads to
            continue
    return Message(_whole(part["message_id"]), chat.id, **parts)


def _chat(chat: Mapping[str, Any]) -> Chat:
    return Chat(_whole(chat["id"]), _text(chat["type"]))


def _user(user: Mapping[str, Any] | None) -> TelegramUser | None:
    if user is None or user.get("is_bot"):
        return None
    return TelegramUser(
        _whole(user["id"]),
        str(user.get("first_name") or ""),
        str(user.get("last_name") or ""),
        user.get("username"),
        user.get("language_code"),
    )


def _replied(message: Mapping[str, Any]) -> Replied:
    return Replied(_whole(message["message_id"]), str(message.get("text") or ""))


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _whole(number: Any) -> int:
    if not isinstance(number, int):
        raise TypeError("not a whole number")
    return number


def _text(words: Any) -> str:
    if not isinstance(words, str):
        raise TypeError("not a text")
    return words


# Each part of a message that is read, and how.
PARTS: Mapping[str, Callable[[Any], Any]] = {
    "date": _moment,
    "edit_date": _moment,
    "media_group_id": _text,
    "forward_origin": MessageOrigin.de_json,
    "reply_to_message": _replied,
    "quote": TextQuote.de_json,
    "external_reply": ExternalReplyInfo.de_json,
    "text": _text,
    "entities": MessageEntity.de_list,
    "caption": _text,
    "caption_entities": MessageEntity.de_list,
    "contact": Contact.de_json,
    "location": Location.de_json,
    "venue": Venue.de_json,
    "poll": Poll.de_json,
    "checklist": Checklist.de_json,
    "photo": PhotoSize.de_list,
    "document": Document.de_json,
    "video": Video.de_json,
    "voice": Voice.de_json,
    "audio": Audio.de_json,
    "video_note": VideoNote.de_json,
    "animation": Animation.de_json,
    "live_photo": LivePhoto.de_json,
    "sticker": Sticker.de_json,
}


def _clean(part: Any) -> Any:
    """Without what no database holds: the sign of number zero, halves of a pair."""
    if isinstance(part, str):
        return part.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(part, dict):
        return {_clean(name): _clean(value) for name, value in part.items()}
    return [_clean(value) for value in part] if isinstance(part, list) else part
