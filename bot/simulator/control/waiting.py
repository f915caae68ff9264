"""Long polls and event streams: nobody who watches the simulator has to sleep."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

from bot.simulator.chats import Chat, Record
from bot.simulator.control.people import event
from bot.simulator.control.requests import chat_of, number, seconds_of, world_of
from bot.simulator.errors import ControlError
from bot.simulator.world import World

PING_SECONDS = 15.0
# A step of waiting ends now and then, so that a stopping simulator is noticed.
STEP_SECONDS = 1.0


def fresh(chat: Chat, request: Request) -> list[Record]:
    """The bot's messages past the id or version asked for, with the words asked for."""
    after, version = number(request, "after"), number(request, "version")
    contains = request.query_params.get("contains", "").lower()
    return [
        record
        for record in chat.records.values()
        if record.from_bot
        and not record.deleted
        and record.id > after
        and record.version > version
        and contains in record.words.lower()
    ]


async def wait(request: Request) -> JSONResponse:
    world = world_of(request)
    chat = world.chats.get(number(request, "user_id"))
    if chat is None:
        raise ControlError(404, "No hay una persona con ese número.")
    deadline = time.monotonic() + seconds_of(request, 10.0)
    while not (found := fresh(chat, request)) and not world.stopping.is_set():
        rest = deadline - time.monotonic()
        if rest <= 0:
            break
        await chat.changed.wait(min(rest, STEP_SECONDS))
    return JSONResponse(
        {"messages": [record.seen() for record in found], "version": chat.version, "timed_out": not found}
    )


async def show_callback(request: Request) -> JSONResponse:
    """The answer to a tap; with ?timeout= it is waited for."""
    world = world_of(request)
    callback = world.callbacks.get(request.path_params["callback_id"])
    if callback is None:
        raise ControlError(404, "No hay una pulsación con ese número.")
    deadline = time.monotonic() + seconds_of(request, 0.0)
    while callback.answer is None and not world.stopping.is_set():
        rest = deadline - time.monotonic()
        if rest <= 0:
            break
        await world.answered.wait(min(rest, STEP_SECONDS))
    answer = callback.answer or {}
    return JSONResponse({"id": callback.id, "answered": callback.answer is not None, **answer})


def facts_of(world: World) -> dict[str, Any]:
    pending, requests = len(world.queue.pending()), world.journal.open_requests
    return {
        "idle": not pending and not requests,
        "pending_updates": pending,
        "open_requests": requests,
        "open_polls": world.journal.open_polls,
        "polling": world.queue.polling,
        "unwritten": world.store.unwritten,
        "mails": len(world.mailbox.mails),
        "last_request": world.journal.last_n,
    }


# What ?until= may name: when it holds.
CONDITIONS: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "idle": lambda facts: bool(facts["idle"]),
    "polling": lambda facts: bool(facts["polling"]),
    "not_polling": lambda facts: not facts["open_polls"],
    "written": lambda facts: not facts["unwritten"],
}


async def idle(request: Request) -> JSONResponse:
    """Facts; with ?timeout= they are awaited: no pending update and no open request, or ?until= another."""
    world = world_of(request)
    holds = CONDITIONS.get(request.query_params.get("until", "idle"))
    if holds is None:
        raise ControlError(400, f"until debe ser uno de: {', '.join(CONDITIONS)}.")
    deadline = time.monotonic() + seconds_of(request, 0.0)
    signals = (world.quiet, world.queue.emptied, world.queue.polled, world.store.written)
    while not holds(facts_of(world)) and not world.stopping.is_set():
        rest = deadline - time.monotonic()
        if rest <= 0:
            break
        waits = [signal.next() for signal in signals]
        await asyncio.wait(waits, timeout=min(rest, STEP_SECONDS), return_when=asyncio.FIRST_COMPLETED)
    return JSONResponse(facts_of(world))


async def changes(world: World, user_id: int | None) -> AsyncIterator[str]:
    """`hello` comes first: whoever reads it fetches the state anew, also after a reconnect."""
    yield "retry: 1000\n\n"
    with world.feed.reading() as queue:
        yield event({"kind": "hello"})
        while not world.stopping.is_set():
            try:
                change = await asyncio.wait_for(queue.get(), PING_SECONDS)
            except TimeoutError:
                yield ": ping\n\n"
                continue
            if change is None:
                return
            if user_id is None or change.get("user_id") in (user_id, None):
                yield event(change)


def stream(world: World, user_id: int | None) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(changes(world, user_id), media_type="text/event-stream", headers=headers)


async def chat_events(request: Request) -> StreamingResponse:
    return stream(world_of(request), chat_of(request).id)


async def all_events(request: Request) -> StreamingResponse:
    return stream(world_of(request), None)
