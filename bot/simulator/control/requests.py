"""Reading control requests: JSON objects or forms, and the chat they speak of."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from bot.simulator.chats import Chat, Record
from bot.simulator.errors import ControlError
from bot.simulator.people import Character
from bot.simulator.world import World

MAX_WAIT_SECONDS = 60.0


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def chat_of(request: Request) -> Chat:
    user_id = whole_number(request.path_params["user_id"], "El chat")
    chat = world_of(request).chats.get(user_id)
    if chat is None:
        raise ControlError(404, f"No hay una persona con el número {user_id}.")
    return chat


def speaker_of(world: World, chat: Chat, wish: Mapping[str, Any]) -> Character:
    """Who acts: the person of a private chat, in a group the member named by `as`."""
    if chat.group is None:
        return chat.person
    user_id = whole_number(wish.get("as") or (chat.members[0] if chat.members else 0), "as")
    if user_id not in chat.members or user_id not in world.chats:
        raise ControlError(403, "Esa persona no está en el grupo.")
    return world.chats[user_id].person


def record_of(chat: Chat, message_id: int) -> Record:
    record = chat.records.get(message_id)
    if record is None:
        raise ControlError(404, f"No hay un mensaje {message_id} en este chat.")
    return record


async def body_of(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ControlError(400, "El cuerpo no es JSON.") from error


async def object_of(request: Request) -> dict[str, Any]:
    body = await body_of(request)
    if not isinstance(body, dict):
        raise ControlError(400, "Se espera un objeto JSON.")
    return body


def whole_number(value: object, what: str) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise ControlError(400, f"{what} debe ser un número entero.") from error


def number(request: Request, name: str, default: int = 0) -> int:
    return whole_number(request.query_params.get(name, default), name)


def seconds_of(request: Request, default: float) -> float:
    try:
        return min(float(request.query_params.get("timeout", default)), MAX_WAIT_SECONDS)
    except ValueError as error:
        raise ControlError(400, "timeout debe ser un número de segundos.") from error
