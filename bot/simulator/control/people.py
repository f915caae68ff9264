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
        "started": chat.started,
        "blocked": chat.blocked,
        "unread": chat.unread(),
        "last": latest.seen() if latest else None,
    }


async def list_people(request: Request) -> JSONResponse:
    everybody = request.query_params.get("all") is not None
    chats = [chat for chat in world_of(request).chats.values() if everybody or not chat.made_up]
    return JSONResponse([summary(chat) for chat in chats])


async def show_chat(request: Request) -> JSONResponse:
    chat, after = chat_of(request), number(request, "after")
    return JSONResponse(chat_facts(world_of(request), chat, after))


def chat_facts(world: World, chat: Chat, after: int = 0) -> dict[str, Any]:
    acting = chat.chat_action if chat.action_until > world.now() else None
    return {
        "user": chat.person.as_row(),
        "version": chat.version,
        "messages": [record.seen() for record in chat.records.values() if record.id > after],
        "reply_keyboard": chat.reply_keyboard,
        "started": chat.started,
        "blocked": chat.blocked,
        "reactions": {str(key): value for key, value in chat.reactions.items()},
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
    if record.from_bot or not wish.get(name):
        raise ControlError(400, "Solo se edita un mensaje propio, con texto.")
    marks = "entities" if name == "text" else "caption_entities"
    message = {key: value for key, value in record.message.items() if key != marks}
    message |= {name: str(wish[name]), "edit_date": int(world.now())}
    entities = detect(message[name], [])
    record.message = {**message, marks: entities} if entities else message
    record.edit_count += 1
    chat.touch(record, "edit")
    update_id = world.queue.push({"edited_message": record.message}, lane=chat.id)
    return JSONResponse({**record.seen(), "update_id": update_id})


async def delete(request: Request) -> JSONResponse:
    """A person deletes a message; Telegram does not tell the bot."""
    chat = chat_of(request)
    record = record_of(chat, int(request.path_params["message_id"]))
    chat.delete(record)
    return JSONResponse(record.seen())


def buttons_of(record: Record) -> list[dict[str, Any]]:
    rows = record.message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def labelled(buttons: list[dict[str, Any]], label: str) -> dict[str, Any] | None:
    """The button with that text; one with an emoji in front or more words behind counts if none is exact."""
    tests = (str.__eq__, str.endswith, str.startswith)
    for test in tests:
        for button in buttons:
            if test(button["text"], label):
                return button
    return None


def pressed(chat: Chat, wish: dict[str, Any]) -> tuple[Record, dict[str, Any]]:
    label = str(wish.get("label") or "")
    if wish.get("message_id"):
        candidates = [record_of(chat, int(wish["message_id"]))]
    else:
        candidates = [record for record in reversed(chat.records.values()) if not record.deleted]
    for record in candidates:
        button = labelled(buttons_of(record), label)
        if button is not None:
            return record, button
    there = ", ".join(button["text"] for record in candidates[:5] for button in buttons_of(record))
    raise ControlError(404, f"No hay un botón «{label}»; hay: {there or 'ninguno'}.")


async def tap(request: Request) -> JSONResponse:
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    if wish.get("data") is not None:
        # Any data may be sent with any message: a client can be old or hostile.
        record, data = record_of(chat, int(wish.get("message_id") or 0)), str(wish["data"])
    else:
        record, button = pressed(chat, wish)
        if "callback_data" not in button:
            return JSONResponse({"url": button.get("url"), "button": button})
        data = str(button["callback_data"])
    callback = world.tap(chat, record, data)
    return JSONResponse({"callback_query_id": callback.id, "message_id": record.id, "data": data}, 201)


async def press(request: Request) -> JSONResponse:
    """A button of the reply keyboard: its words, or the own number where it asks for that."""
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    rows = (chat.reply_keyboard or {}).get("keyboard", [])
    button = labelled([button for row in rows for button in row], str(wish.get("label") or ""))
    if button is None:
        there = ", ".join(button["text"] for row in rows for button in row)
        raise ControlError(404, f"No hay un botón «{wish.get('label')}»; hay: {there or 'ninguno'}.")
    deed = {"share_contact": True} if button.get("request_contact") else {"text": button["text"]}
    return JSONResponse(answer_of(say(world, chat, deed)), 201)


async def react(request: Request) -> JSONResponse:
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    record = record_of(chat, int(wish.get("message_id") or 0))
    new = [{"type": "emoji", "emoji": wish["emoji"]}] if wish.get("emoji") else []
    facts = {"chat": chat.as_chat(), "message_id": record.id, "user": chat.person.as_user()}
    facts |= {"date": int(world.now()), "old_reaction": [], "new_reaction": new}
    return JSONResponse({"update_id": world.queue.push({"message_reaction": facts}, lane=chat.id)}, 201)


async def block(request: Request) -> JSONResponse:
    return membership(request, blocked=True)


async def unblock(request: Request) -> JSONResponse:
    return membership(request, blocked=False)


def membership(request: Request, *, blocked: bool) -> JSONResponse:
    world, chat = world_of(request), chat_of(request)
    if chat.blocked == blocked:
        return JSONResponse({"blocked": blocked, "update_id": None})
    chat.blocked = blocked
    chat.change("blocked", blocked=blocked)
    member = {"user": world.bot, "status": "member"}
    kicked = {"user": world.bot, "status": "kicked", "until_date": 0}
    facts = {
        "chat": chat.as_chat(),
        "from": chat.person.as_user(),
        "date": int(world.now()),
        "old_chat_member": member if blocked else kicked,
        "new_chat_member": kicked if blocked else member,
    }
    update_id = world.queue.push({"my_chat_member": facts}, lane=chat.id)
    return JSONResponse({"blocked": blocked, "update_id": update_id})


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
