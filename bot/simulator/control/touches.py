"""Control of what a finger does to messages that are there: taps, keys, reactions."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.simulator.chats import Chat, Record
from bot.simulator.control.incoming import answer_of, say
from bot.simulator.control.requests import chat_of, object_of, record_of, speaker_of, world_of
from bot.simulator.errors import ControlError
from bot.simulator.methods.texts import REACTIONS


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
    callback = world.tap(chat, record, data, by=speaker_of(world, chat, wish))
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
    return JSONResponse(answer_of(say(world, chat, {**deed, "as": wish.get("as")})), 201)


async def react(request: Request) -> JSONResponse:
    """One emoji under a message, or none; in a group only administrators hear of it, and the bot is none."""
    world, chat, wish = world_of(request), chat_of(request), await object_of(request)
    record, person = record_of(chat, int(wish.get("message_id") or 0)), speaker_of(world, chat, wish)
    emoji = str(wish.get("emoji") or "").replace("\ufe0f", "")
    if emoji and emoji not in REACTIONS:
        raise ControlError(400, f"{emoji!r} no es una reacción.")
    old = chat.react(record.id, person.id, emoji)
    facts = {"chat": chat.as_chat(), "message_id": record.id, "user": person.as_user(), "date": int(world.now())}
    facts |= {"old_reaction": reaction(old), "new_reaction": reaction(emoji)}
    update_id = None if chat.group else world.queue.push({"message_reaction": facts}, lane=chat.id)
    return JSONResponse({"update_id": update_id}, 201)


def reaction(emoji: str) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []
