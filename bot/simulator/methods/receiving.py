"""How updates reach the bot: getUpdates with its long poll, and the webhook's settings."""

import asyncio
import contextlib
import time
from typing import Any

from bot.simulator.errors import bad_request, conflict
from bot.simulator.methods.call import Call
from bot.simulator.updates import FIRST_IDS, Pending

MAX_BATCH = 100
MAX_POLL_SECONDS = 50
BRAKE_SECONDS = 3.0
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
SECRET_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


async def get_updates(call: Call) -> list[dict[str, Any]]:
    world, params, queue = call.world, call.params, call.world.queue
    if world.webhook is not None:
        raise conflict(WEBHOOK_ACTIVE)
    if params.values.get("allowed_updates") is not None:
        queue.allowed = [str(kind) for kind in params.items("allowed_updates")]
        queue.remember()
    offset = params.integer("offset")
    if offset and not (call.fault and call.fault.kind == "duplicate"):
        queue.confirm(offset)
    poll = queue.begin_poll()
    try:
        if call.fault is not None:
            await befall(call, offset, poll)
        batch = await collect(call, poll)
    finally:
        queue.end_poll(poll)
    call.entry.update_ids = [pending.id for pending in batch]
    return [pending.update for pending in batch]


async def befall(call: Call, offset: int, poll: "asyncio.Future[None]") -> None:
    """What may happen to a poll that was accepted."""
    assert call.fault is not None
    if call.fault.kind == "brake":
        await brake(call, offset, poll)
    elif call.fault.kind == "jump":
        call.world.queue.jump(call.world.rng.randint(*FIRST_IDS))
    elif call.fault.kind == "expire":
        call.world.queue.clear()


async def collect(call: Call, poll: "asyncio.Future[None]") -> list[Pending]:
    """What is there, or what arrives within the timeout; a newer poller ends this one."""
    queue, params = call.world.queue, call.params
    limit = min(max(params.integer("limit", MAX_BATCH), 1), MAX_BATCH)
    deadline = time.monotonic() + min(params.integer("timeout"), MAX_POLL_SECONDS)
    while not (batch := queue.head(limit)):
        if not await waited(call, poll, queue.arrived.next(), deadline - time.monotonic()):
            return []
    if call.fault is not None and call.fault.kind == "reorder":
        return reordered(call, batch)
    return batch


async def waited(call: Call, poll: "asyncio.Future[None]", arrived: "asyncio.Future[None]", seconds: float) -> bool:
    """Whether something arrived; False when time is up or the simulator stops."""
    if seconds <= 0 or call.world.stopping.is_set():
        return False
    gone = asyncio.ensure_future(call.gone())
    stopping = asyncio.ensure_future(call.world.stopping.wait())
    ends: set[asyncio.Future[Any]] = {arrived, poll, gone, stopping}
    try:
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if poll.done():
            raise conflict(OTHER_POLLER)
        if gone.done():
            raise ConnectionResetError("the poller left")
        return arrived.done()
    finally:
        for task in (gone, stopping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def brake(call: Call, offset: int, poll: "asyncio.Future[None]") -> None:
    """Telegram makes a client wait that asks for the same offset again within three seconds."""
    queue = call.world.queue
    last_offset, last_at = queue.last_poll
    assert call.fault is not None
    rest = (call.fault.seconds or BRAKE_SECONDS) - (time.monotonic() - last_at)
    queue.last_poll = (offset, time.monotonic() + max(rest, 0))
    if offset == last_offset and rest > 0:
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await waited(call, poll, never, rest)


def reordered(call: Call, batch: list[Pending]) -> list[Pending]:
    """Chats shuffled among each other; within a chat the order stays."""
    lanes: dict[int | None, list[Pending]] = {}
    for pending in batch:
        lanes.setdefault(pending.lane, []).append(pending)
    shuffled = [pending.lane for pending in batch]
    call.world.rng.shuffle(shuffled)
    return [lanes[lane].pop(0) for lane in shuffled]


async def set_webhook(call: Call) -> bool:
    params, world = call.params, call.world
    url, secret = params.text("url"), params.text("secret_token")
    if not url:
        return await delete_webhook(call)
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256 or not SECRET_CHARACTERS.issuperset(secret):
        raise bad_request("secret token contains unallowed characters")
    if params.flag("drop_pending_updates"):
        world.queue.clear()
    if params.values.get("allowed_updates") is not None:
        world.queue.allowed = [str(kind) for kind in params.items("allowed_updates")]
        world.queue.remember()
    limit = min(max(params.integer("max_connections", 40), 1), 100)
    world.webhook = {"url": url, "secret": secret, "max_connections": limit, "error": "", "error_at": 0}
    webhook_changed(call)
    return True


async def delete_webhook(call: Call) -> bool:
    if call.params.flag("drop_pending_updates"):
        call.world.queue.clear()
    call.world.webhook = None
    webhook_changed(call)
    return True


def webhook_changed(call: Call) -> None:
    call.world.remember("webhook")
    call.world.webhook_changed.fire()
    if call.world.webhook is not None:
        # A poller that is waiting learns of the webhook at once.
        call.world.queue.end_poll(call.world.queue.begin_poll())


async def get_webhook_info(call: Call) -> dict[str, Any]:
    webhook, queue = call.world.webhook, call.world.queue
    info: dict[str, Any] = {
        "url": webhook["url"] if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(queue),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
        if webhook["error"]:
            info |= {"last_error_date": webhook["error_at"], "last_error_message": webhook["error"]}
    if queue.allowed:
        info["allowed_updates"] = queue.allowed
    return info
