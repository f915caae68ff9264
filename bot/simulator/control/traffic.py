"""Control of the traffic: raw updates, the clock, faults, the journal, and load for benchmarks."""

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.simulator.control.requests import body_of, number, object_of, seconds_of, world_of
from bot.simulator.control.waiting import STEP_SECONDS
from bot.simulator.errors import ControlError
from bot.simulator.people import Character
from bot.simulator.world import World

FIRST_MADE_UP_ID = 800_000_001
LOAD_LIMIT = 100_000


async def inject(request: Request) -> JSONResponse:
    """A raw update, or a list of them, into the queue as it is."""
    world, body = world_of(request), await body_of(request)
    updates = body if isinstance(body, list) else [body]
    if not all(isinstance(update, dict) for update in updates):
        raise ControlError(400, "Se espera un objeto o una lista de objetos.")
    for update in updates:
        group = chat_in(update)
        if group.get("type") in ("group", "supergroup"):
            world.add_group(group)
    ids = [world.queue.inject(update, lane=lane_of(update)) for update in updates]
    return JSONResponse({"update_id": ids[0] if ids else None, "update_ids": ids}, 201)


def lane_of(update: dict[str, Any]) -> int | None:
    return chat_in(update).get("id")


def chat_in(update: dict[str, Any]) -> dict[str, Any]:
    """The chat of an update that may be malformed in any way; empty if there is none to be seen."""
    for content in update.values():
        if not isinstance(content, dict):
            continue
        message = content.get("message")
        for place in (content, message if isinstance(message, dict) else {}):
            chat = place.get("chat")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return chat
    return {}


async def show_updates(request: Request) -> JSONResponse:
    return JSONResponse([pending.update for pending in world_of(request).queue.pending()])


async def drop_updates(request: Request) -> JSONResponse:
    world_of(request).queue.clear()
    return JSONResponse({"pending": 0})


async def jump(request: Request) -> JSONResponse:
    world, wish = world_of(request), await object_of(request)
    if not isinstance(wish.get("next_id"), int):
        raise ControlError(400, "next_id debe ser un número entero.")
    world.queue.jump(wish["next_id"])
    return JSONResponse({"next_id": world.queue.next_id})


async def set_clock(request: Request) -> JSONResponse:
    world, wish = world_of(request), await object_of(request)
    world.clock_offset += float(wish.get("advance_seconds") or 0)
    return JSONResponse({"now": world.now(), "offset": world.clock_offset})


async def add_faults(request: Request) -> JSONResponse:
    world, body = world_of(request), await body_of(request)
    world.faults.add(body if isinstance(body, list) else [body])
    return JSONResponse(world.faults.as_rows(), 201)


async def show_faults(request: Request) -> JSONResponse:
    return JSONResponse(world_of(request).faults.as_rows())


async def clear_faults(request: Request) -> JSONResponse:
    world_of(request).faults.clear()
    return JSONResponse([])


async def set_seed(request: Request) -> JSONResponse:
    world, wish = world_of(request), await object_of(request)
    world.rng.seed(wish.get("seed", 0))
    return JSONResponse({"seed": wish.get("seed", 0)})


async def show_journal(request: Request) -> JSONResponse:
    """With ?at_least= and ?timeout= as many entries are awaited; ?method= may name several, with commas."""
    world, wish = world_of(request), request.query_params
    methods = frozenset(wish["method"].lower().split(",")) if wish.get("method") else frozenset()
    wanted: dict[str, Any] = {"after": number(request, "after"), "methods": methods}
    wanted["handed_out"] = bool(wish.get("handed_out"))
    deadline = time.monotonic() + seconds_of(request, 0.0)
    while len(found := world.journal.entries(**wanted)) < number(request, "at_least"):
        rest = deadline - time.monotonic()
        if rest <= 0 or world.stopping.is_set():
            break
        await world.journal.moved.wait(min(rest, STEP_SECONDS))
    return JSONResponse([entry.as_row() for entry in found])


async def clear_journal(request: Request) -> JSONResponse:
    world_of(request).journal.clear()
    return JSONResponse([])


async def load(request: Request) -> JSONResponse:
    """Messages of made-up users, taking turns; with a rate they come in the background."""
    world, wish = world_of(request), await object_of(request)
    users, per_user = int(wish.get("users") or 1), int(wish.get("per_user") or 1)
    if users * per_user > LOAD_LIMIT:
        raise ControlError(400, f"No más de {LOAD_LIMIT} mensajes.")
    text, rate = str(wish.get("text") or "Hola"), float(wish.get("rate") or 0)
    chats = [made_up(world, FIRST_MADE_UP_ID + n) for n in range(users)]
    turns = [(chat_id, n) for n in range(per_user) for chat_id in chats]
    if rate:
        task = asyncio.create_task(paced(world, turns, text, rate))
        world.background.add(task)
        task.add_done_callback(world.background.discard)
        return JSONResponse({"update_ids": [], "queued": len(turns), "users": chats}, 202)
    ids = [queue_text(world, chat_id, text, n) for chat_id, n in turns]
    return JSONResponse({"update_ids": ids, "queued": len(ids), "users": chats}, 201)


def made_up(world: World, user_id: int) -> int:
    if user_id not in world.chats:
        chat = world.add_person(Character(user_id, f"Persona {user_id - FIRST_MADE_UP_ID + 1}"))
        chat.made_up = True
    return user_id


def queue_text(world: World, chat_id: int, text: str, n: int) -> int | None:
    chat = world.chats[chat_id]
    words = text.replace("{n}", str(n + 1)).replace("{user}", str(chat_id))
    message = {**world.skeleton(chat, chat.person.as_user()), "text": words}
    return world.receive(chat, message)[1]


async def paced(world: World, turns: list[tuple[int, int]], text: str, rate: float) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for position, (chat_id, n) in enumerate(turns):
        await asyncio.sleep(max(0.0, start + position / rate - loop.time()))
        queue_text(world, chat_id, text, n)
