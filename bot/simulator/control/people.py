"""Control of the characters and of what they do in their chats."""

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.simulator.chats import Chat, Record
from bot.simulator.control.incoming import answer_of, say, send_files
from bot.simulator.control.requests import chat_of, number, object_of, record_of, world_of
from bot.simulator.detect import detect
from bot.simulator.errors import ControlError
from bot.simulator.methods.profile import commands_for, description_for
from bot.simulator.parameters import Upload
from bot.simulator.people import Character
from bot.simulator.privacy import hears
from bot.simulator.world import World

FIRST_FREE_ID = 710_000_001
PERSON_FIELDS = ("first_name", "last_name", "username", "phone", "language_code", "note")


async def add_person(request: Request) -> JSONResponse:
    world, wish = world_of(request), await object_of(request)
    if not wish.get("first_name"):
        raise ControlError(400, "Falta el nombre.")
    user_id = int(wish.get("id") or max([FIRST_FREE_ID - 1, *world.chats]) + 1)
    facts = {name: str(wish[name]) for name in PERSON_FIELDS if wish.get(name) is not None}
    chat = world.add_person(Character(user_id, **facts))
    world.feed.publish({"kind": "person", "user_id": user_id})
    return JSONResponse(chat.person.as_row(), 201)


def summary(chat: Chat) -> dict[str, Any]:
    latest = chat.latest()
    return {
        **chat.person.as_row(),
        "group": chat.group,
        "members": chat.members,
        "started": chat.started,
        "blocked": chat.blocked or chat.left,
        "unread": chat.unread(),
        "last": latest.seen() if latest else None,
    }


async def list_people(request: Request) -> JSONResponse:
    everybody = request.query_params.get("all") is not None
    chats = [chat for chat in world_of(request).chats.values() if everybody or not chat.made_up]
    return JSONResponse([summary(chat) for chat in chats])


async def show_chat(request: Request) -> JSONResponse:
    """All of it; with ?after= and ?before= what lies between, with ?last= only the end of that."""
    chat = chat_of(request)
    records = between(chat, number(request, "after"), number(request, "before"), number(request, "last"))
    return JSONResponse(chat_facts(world_of(request), chat, records))


def between(chat: Chat, after: int, before: int, last: int) -> list[Record]:
    """Messages with ids past `after` and below `before`, the `last` that are not deleted; 0 sets no bound."""
    found: list[Record] = []
    for record in reversed(chat.records.values()):
        if record.id <= after or (last and len(found) >= last):
            break
        if (not before or record.id < before) and not (last and record.deleted):
            found.append(record)
    return found[::-1]


def chat_facts(world: World, chat: Chat, records: list[Record]) -> dict[str, Any]:
    oldest = next((record.id for record in chat.records.values() if not record.deleted), 0)
    acting = chat.chat_action if chat.action_until > world.now() else None
    return {
        "user": chat.person.as_row(),
        "version": chat.version,
        "messages": [record.seen() for record in records],
        "earlier": bool(records) and records[0].id > oldest,
        "uncollected": world.queue.uncollected(chat.id),
        "group": chat.group,
        "members": [world.chats[member].person.as_row() for member in chat.members if member in world.chats],
        "read_id": chat.read_id,
        "reply_keyboard": chat.reply_keyboard,
        "started": chat.started,
        "blocked": chat.blocked or chat.left,
        "reactions": {str(key): value for key, value in chat.reactions.items()},
        "reacted": {str(key): list(emojis.items()) for key, emojis in chat.reacted.items()},
        "chat_action": acting,
        "pinned": chat.pinned,
        "menu_button": chat.menu_button or world.profile.get("menu_button"),
        "commands": commands_for(world, chat.id, chat.person.language_code),
        "description": description_for(world, chat.person.language_code),
    }


async def send(request: Request) -> JSONResponse:
    world, chat = world_of(request), chat_of(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return JSONResponse(answer_of(say(world, chat, await object_of(request))), 201)
    async with request.form(max_files=50) as form:
        wish: dict[str, Any] = {key: value for key, value in form.items() if isinstance(value, str)}
        uploads = [
            Upload(value.filename or "archivo", value.content_type or "", await value.read())
            for value in form.getlist("file")
            if isinstance(value, UploadFile)
        ]
    if not uploads:
        return JSONResponse(answer_of(say(world, chat, wish)), 201)
    return JSONResponse(answer_of(send_files(world, chat, uploads, wish)), 201)


async def edit(request: Request) -> JSONResponse:
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    record = record_of(chat, int(request.path_params["message_id"]))
    name = "text" if "text" in wish else "caption"
    if record.deleted or record.from_bot or not wish.get(name):
        raise ControlError(400, "Solo se edita un mensaje propio, con texto.")
    marks = "entities" if name == "text" else "caption_entities"
    message = {key: value for key, value in record.message.items() if key != marks}
    message |= {name: str(wish[name]), "edit_date": int(world.now())}
    entities = detect(message[name], [])
    record.message = {**message, marks: entities} if entities else message
    record.edit_count += 1
    chat.touch(record, "edit")
    heard = chat.group is None or hears(world.bot, record.message)
    update_id = world.queue.push({"edited_message": record.message}, lane=chat.id) if heard else None
    return JSONResponse({**record.seen(), "update_id": update_id})


async def delete(request: Request) -> JSONResponse:
    """A person deletes a message; Telegram does not tell the bot."""
    chat = chat_of(request)
    record = record_of(chat, int(request.path_params["message_id"]))
    chat.delete(record)
    return JSONResponse(record.seen())


async def clear(request: Request) -> JSONResponse:
    chat = chat_of(request)
    chat.clear()
    return JSONResponse({"version": chat.version})


async def mark_read(request: Request) -> JSONResponse:
    chat = chat_of(request)
    if chat.unread():
        chat.read_id = max(chat.records, default=0)
        chat.change("read")
    return JSONResponse({"read_id": chat.read_id})


def event(facts: dict[str, Any]) -> str:
    return f"data: {json.dumps(facts, ensure_ascii=False)}\n\n"
