"""What a person sends: words, files, albums, contacts and every other kind, as Telegram would shape it."""

import re
import secrets
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bot.simulator.chats import Chat, Record
from bot.simulator.control.requests import speaker_of
from bot.simulator.detect import detect
from bot.simulator.errors import ControlError
from bot.simulator.files import FOLDERS, picture_size
from bot.simulator.methods.chats import forward_of
from bot.simulator.methods.media import described
from bot.simulator.methods.sending import TEXT_LIMIT, utf16_length, without_reply
from bot.simulator.parameters import Upload
from bot.simulator.people import Character
from bot.simulator.voice import as_ogg
from bot.simulator.world import World

# Kinds whose object a test may give as it is.
RAW_KINDS = (
    "contact",
    "location",
    "venue",
    "poll",
    "dice",
    "game",
    "story",
    "sticker",
    "document",
    "photo",
    "video",
    "voice",
    "audio",
    "video_note",
    "animation",
    "web_app_data",
)
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
HIDDEN = frozenset({"", "oculto", "hidden"})


@dataclass(frozen=True)
class Sent:
    record: Record
    update_id: int | None

    def seen(self) -> dict[str, Any]:
        return {**self.record.seen(), "update_id": self.update_id}


def answer_of(sent: list[Sent]) -> dict[str, Any]:
    """The first message; `parts` lists all of them when one act became several."""
    first = sent[0].seen()
    return {**first, "parts": [part.seen() for part in sent]} if len(sent) > 1 else first


def say(world: World, chat: Chat, wish: dict[str, Any]) -> list[Sent]:
    """One message, or several when the text is longer than a client puts into one."""
    check_open(chat)
    if wish.get("start") is not None:
        wish = {**wish, "text": f"/start {link_payload(str(wish['start']))}"}
    if wish.get("share_contact"):
        wish = {**wish, "contact": own_contact(speaker_of(world, chat, wish))}
    if wish.get("kind"):
        upload = Upload(wish.get("filename") or "archivo", wish.get("mime_type") or "", b"")
        return [send_file(world, chat, upload, wish)]
    if isinstance(wish.get("forward"), dict):
        return [finish(world, chat, forwarded(world, wish["forward"]), wish)]
    contents = [{"text": part} for part in split(str(wish["text"]))] if wish.get("text") else [raw(wish)]
    sent = [finish(world, chat, content, wish) for content in contents]
    leave_one_time_keyboard(chat, str(wish.get("text") or ""), shared=bool(wish.get("share_contact")))
    return sent


def check_open(chat: Chat) -> None:
    """In a group people go on without the bot."""
    if chat.blocked and chat.group is None:
        raise ControlError(409, "El bot está bloqueado: desbloquéelo primero.")


def link_payload(payload: str) -> str:
    """What a link t.me/bot?start=… may carry: an app does not open another one."""
    if not START_PAYLOAD.fullmatch(payload):
        raise ControlError(400, "El enlace lleva de 1 a 64 letras, dígitos, guiones o guiones bajos.")
    return payload


def split(text: str) -> list[str]:
    """As a client does it: pieces of at most 4096 UTF-16 units, cut at a line break or a blank if there is one."""
    parts = []
    while utf16_length(text) > TEXT_LIMIT:
        end = TEXT_LIMIT
        while utf16_length(text[:end]) > TEXT_LIMIT:
            end -= 1
        cut = max(text.rfind("\n", 0, end), text.rfind(" ", 0, end))
        end = cut + 1 if cut > end // 2 else end
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text]


def raw(wish: dict[str, Any]) -> dict[str, Any]:
    content = {kind: wish[kind] for kind in RAW_KINDS if wish.get(kind) is not None}
    if isinstance(wish.get("extra"), dict):
        content |= wish["extra"]
    if not content:
        raise ControlError(400, "El mensaje está vacío.")
    return content


def forwarded(world: World, source: dict[str, Any]) -> dict[str, Any]:
    """A message of any chat as a forward: what it says, and who said it first."""
    chat = world.chats.get(int(source.get("chat_id") or 0))
    record = chat.find(int(source.get("message_id") or 0)) if chat else None
    if record is None:
        raise ControlError(404, "No hay tal mensaje para reenviar.")
    return forward_of(record.message)


def own_contact(person: Character) -> dict[str, Any]:
    """Only here does user_id appear by itself: Telegram sets it for one's own number."""
    contact = {"phone_number": person.phone.lstrip("+"), "first_name": person.first_name, "user_id": person.id}
    return {**contact, "last_name": person.last_name} if person.last_name else contact


def finish(world: World, chat: Chat, content: dict[str, Any], wish: dict[str, Any]) -> Sent:
    """Adds what any message may carry, and sends it."""
    message = {**world.skeleton(chat, speaker_of(world, chat, wish).as_user()), **content, **caption(wish, content)}
    if "text" in content:
        entities = detect(str(content["text"]), list(wish.get("entities") or []))
        message |= {"entities": entities} if entities else {}
    if wish.get("date"):
        message["date"] = int(wish["date"])
    if wish.get("media_group_id"):
        message["media_group_id"] = str(wish["media_group_id"])
    if wish.get("forwarded_from") is not None:
        message["forward_origin"] = origin(world, wish["forwarded_from"], message["date"])
    if wish.get("reply_to"):
        replied = chat.find(int(wish["reply_to"]))
        if replied is not None:
            message["reply_to_message"] = without_reply(replied.message)
    return Sent(*world.receive(chat, message))


def caption(wish: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    words = str(wish.get("caption") or "")
    if not words or "text" in content:
        return {}
    entities = detect(words, [])
    return {"caption": words, "caption_entities": entities} if entities else {"caption": words}


def origin(world: World, source: Any, date: int) -> dict[str, Any]:
    """Forwarded from a known person (a number), somebody hidden (a name), or whatever a test says."""
    if isinstance(source, dict):
        return source
    text = str(source)
    known = world.chats.get(int(text)) if text.isdigit() else None
    if known is not None:
        return {"type": "user", "date": date, "sender_user": known.person.as_user()}
    return {"type": "hidden_user", "date": date, "sender_user_name": "Oculto" if text in HIDDEN else text}


def send_files(world: World, chat: Chat, uploads: list[Upload], wish: dict[str, Any]) -> list[Sent]:
    """Several at once are an album, pictures apart from files as in a client; the words go with the first."""
    check_open(chat)
    albums: dict[str, list[Upload]] = {}
    for upload in uploads:
        kind = str(wish.get("kind") or kind_of(upload))
        albums.setdefault("pictures" if kind in ("photo", "video") else kind, []).append(upload)
    sent = []
    for album in albums.values():
        group = {"media_group_id": str(secrets.randbits(53))} if len(album) > 1 else {}
        for upload in album:
            sent.append(send_file(world, chat, upload, {**group, **wish}))
            wish = {key: value for key, value in wish.items() if key not in ("caption", "reply_to")}
    return sent


def send_file(world: World, chat: Chat, upload: Upload, wish: dict[str, Any]) -> Sent:
    kind = str(wish.get("kind") or kind_of(upload))
    if kind not in FOLDERS:
        raise ControlError(400, f"No hay archivos de la clase {kind!r}.")
    fake = int(wish["fake_size"]) if wish.get("fake_size") else None
    if kind == "photo" and fake is None and picture_size(upload.content) is None:
        raise ControlError(400, "La foto no es una imagen.")
    name, content = str(wish.get("filename") or upload.name), upload.content
    mime = str(wish.get("mime_type") or upload.mime_type)
    if kind == "voice":
        content = as_ogg(content)
        recorded = content is not upload.content or not mime.startswith("audio/")
        name, mime = (f"{PurePath(name).stem}.ogg", "audio/ogg") if recorded else (name, mime)
    files = world.files.add(kind, content, name, mime_type=mime, fake_size=fake)
    thing = described(kind, files, int(wish.get("duration") or 1))
    if kind == "sticker" and wish.get("emoji"):
        thing["sticker"]["emoji"] = str(wish["emoji"])
    return finish(world, chat, thing, wish)


def kind_of(upload: Upload) -> str:
    """What a client makes of a file that is attached without a word about it."""
    if picture_size(upload.content) is not None and not upload.name.lower().endswith(".gif"):
        return "photo"
    family = upload.mime_type.partition("/")[0]
    return {"video": "video", "audio": "audio"}.get(family, "document")


def leave_one_time_keyboard(chat: Chat, text: str, *, shared: bool) -> None:
    keyboard = chat.reply_keyboard
    if keyboard is None or not keyboard.get("one_time_keyboard"):
        return
    if shared or any(button["text"] == text for row in keyboard["keyboard"] for button in row):
        chat.reply_keyboard = None
        chat.change("keyboard", reply_keyboard=None)
