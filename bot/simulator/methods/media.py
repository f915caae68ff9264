"""Sending files: by upload, by file_id, alone or as an album."""

import secrets
from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.files import DOWNLOAD_LIMIT, PHOTO_LIMIT, StoredFile, picture_size
from bot.simulator.markup import Markup
from bot.simulator.methods.call import Call, Handler
from bot.simulator.methods.sending import caption_content, caption_of, deliver, post, reply_fields
from bot.simulator.parameters import Upload

MAX_EDGES = 10_000
MAX_RATIO = 20
ALBUM_KINDS = frozenset({"photo", "video", "document", "audio", "animation"})
ALONE = frozenset({"document", "audio"})
DEFAULT_NAMES = {"photo": "photo.jpg", "voice": "voice.ogg", "video": "video.mp4", "audio": "audio.mp3"}
TIMED = frozenset({"video", "audio", "voice", "video_note", "animation"})
FRAMED = frozenset({"video", "animation", "sticker"})
NAMED = frozenset({"document", "video", "audio", "animation"})


def stored(call: Call, kind: str, reference: str) -> list[StoredFile]:
    """The file behind an upload or a file_id; a photo comes in all its sizes."""
    upload = call.params.attached(reference) or (None if reference else call.params.attached(kind))
    if upload is not None:
        return accept(call, kind, upload)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = call.world.files.find(reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return call.world.files.sizes_of(file) if kind == "photo" else [file]


def accept(call: Call, kind: str, upload: Upload) -> list[StoredFile]:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        check_photo(upload)
    name = upload.name or DEFAULT_NAMES.get(kind, "file")
    return call.world.files.add(kind, upload.content, name, mime_type=mime_of(kind, upload.mime_type))


def mime_of(kind: str, given: str) -> str:
    return "audio/ogg" if kind == "voice" else given


def check_photo(upload: Upload) -> None:
    if len(upload.content) > PHOTO_LIMIT:
        raise bad_request(f"file of size {len(upload.content)} bytes is too big for a photo")
    edges = picture_size(upload.content)
    if edges is None or min(edges) == 0:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(edges) > MAX_EDGES or max(edges) > MAX_RATIO * min(edges):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def described(kind: str, files: list[StoredFile], duration: int = 0) -> dict[str, Any]:
    """The message's field for a file: a list of sizes for a photo, one object for everything else."""
    if kind == "photo":
        sizes = [{**file.facts(), "width": file.width, "height": file.height} for file in files]
        return {"photo": sizes}
    file = files[0]
    facts: dict[str, Any] = {**file.facts(), "mime_type": file.mime_type}
    if kind in NAMED:
        facts["file_name"] = file.name
    if kind in TIMED:
        facts["duration"] = duration
    if kind in FRAMED:
        facts |= {"width": file.width or 320, "height": file.height or 240}
    if kind == "video_note":
        facts["length"] = 240
    if kind == "sticker":
        facts |= {"type": "regular", "is_animated": False, "is_video": False}
    if kind == "animation":
        return {"animation": facts, "document": {**file.facts(), "file_name": file.name}}
    return {kind: facts}


def sender_of(kind: str) -> Handler:
    async def send(call: Call) -> dict[str, Any]:
        files = stored(call, kind, call.params.text(kind))
        caption = caption_of(call) if kind != "sticker" else {}
        return deliver(call, {**described(kind, files, call.params.integer("duration")), **caption})

    return send


async def send_media_group(call: Call) -> list[dict[str, Any]]:
    items = call.params.items("media")
    check_album([str(item.get("type")) for item in items])
    contents = [media_content(call, item) for item in items]
    chat = call.reachable_chat()
    reply = reply_fields(call, chat)
    group = {"media_group_id": str(secrets.randbits(53))}
    return [post(call, chat, {**reply, **group, **content}, Markup()).message for content in contents]


def check_album(kinds: list[str]) -> None:
    if not kinds:
        raise bad_request("there are no messages to send")
    if len(kinds) == 1:
        raise bad_request("media group must include 2-10 items")
    if len(kinds) > 10:
        raise bad_request("too many messages to send as an album")
    for kind in kinds:
        if kind not in ALBUM_KINDS:
            raise bad_request(f"can't parse InputMedia: type {kind} of the media is invalid")
    if ALONE & set(kinds) and len(set(kinds)) > 1:
        raise bad_request("document and audio can't be mixed with other media types in an album")


def media_content(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    kind = str(item.get("type"))
    files = stored(call, kind, str(item.get("media", "")))
    entities = item.get("caption_entities") or []
    caption = caption_content(str(item.get("caption") or ""), str(item.get("parse_mode") or ""), entities)
    return {**described(kind, files, int(item.get("duration") or 0)), **caption}


async def get_file(call: Call) -> dict[str, Any]:
    file = call.world.files.find(call.params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id" if call.params.has("file_id") else "file_id not specified")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**file.facts(), "file_path": call.world.files.link(file)}
