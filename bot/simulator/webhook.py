"""Delivering updates to a webhook: one at a time per chat, side by side across chats, again until accepted."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httptools

from bot.simulator.updates import Pending
from bot.simulator.world import World

ANSWER_SECONDS = 60.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
IDLE_SECONDS = 1.0


@dataclass
class Answer:
    """What httptools tells about the response."""

    status: int = 0
    retry_after: float | None = None
    complete: bool = False
    body: bytearray = field(default_factory=bytearray)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            with suppress(ValueError):
                self.retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


class WebhookSender:
    """A chat whose update was refused waits for itself; only requests under way count as connections."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lanes: dict[int | None, asyncio.Task[None]] = {}
        self._limit = 0
        self._room = asyncio.Semaphore(0)

    async def run(self) -> None:
        """Until cancelled: a task for every chat that has something waiting."""
        try:
            while True:
                arrived, changed = self._world.queue.arrived.next(), self._world.webhook_changed.next()
                if self._world.webhook is not None:
                    self._begin_lanes(self._world.webhook["max_connections"])
                await asyncio.wait({arrived, changed}, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for lane in self._lanes.values():
                lane.cancel()

    def _begin_lanes(self, limit: int) -> None:
        if limit != self._limit:
            self._limit, self._room = limit, asyncio.Semaphore(limit)
        for lane in self._world.queue.lanes():
            if lane not in self._lanes:
                self._lanes[lane] = asyncio.create_task(self._deliver_lane(lane))

    async def _deliver_lane(self, lane: int | None) -> None:
        try:
            while self._world.webhook is not None:
                pending = self._world.queue.first_of(lane)
                if pending is None:
                    return
                await self._deliver(pending)
        finally:
            self._lanes.pop(lane, None)

    async def _deliver(self, pending: Pending) -> None:
        """Again at once, then after 2, 4, 8 … seconds, or when the server says; until it is taken or too old."""
        pause = 0.0
        while self._world.webhook is not None and self._world.queue.first_of(pending.lane) is pending:
            async with self._room:
                webhook = self._world.webhook
                if webhook is None:  # removed while this one waited for a connection
                    return
                answer = await self._post(webhook, pending)
            if 200 <= answer.status < 300:
                self._world.queue.collected(pending.id)
                return
            words = f"Wrong response from the webhook: {answer.status}" if answer.status else "Connection refused"
            webhook |= {"error": words, "error_at": int(self._world.now())}
            wait = pause if answer.retry_after is None else answer.retry_after
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            if wait:
                await self._world.webhook_changed.wait(wait)

    async def _post(self, webhook: Mapping[str, Any], pending: Pending) -> Answer:
        """One delivery with its line in the journal."""
        entry = self._world.journal.begin("webhook", self._world.now())
        entry.chat_id, entry.update_ids = pending.lane, [pending.id]
        answer = Answer()
        try:
            body = json.dumps(pending.update, ensure_ascii=False).encode()
            async with asyncio.timeout(ANSWER_SECONDS):
                await exchange(webhook["url"], webhook["secret"], body, answer)
        except (OSError, TimeoutError, ssl.SSLError, httptools.HttpParserError) as error:
            entry.error = type(error).__name__
        entry.params = {"status": answer.status, "body_bytes": len(answer.body)}  # of a body nothing is made
        entry.verdict = "ok" if 200 <= answer.status < 300 else str(answer.status or "unreachable")
        self._world.journal.finish(entry)
        self._world.quiet.fire()
        return answer


async def exchange(url: str, secret: str, body: bytes, answer: Answer) -> None:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=True if secure else None)
    try:
        writer.write(request_head(parts.netloc, parts.path or "/", parts.query, secret, len(body)) + body)
        await writer.drain()
        parser = httptools.HttpResponseParser(answer)
        while not answer.complete:
            chunk = await reader.read(65536)
            if not chunk:
                break
            parser.feed_data(chunk)
            answer.status = parser.get_status_code()
    finally:
        writer.close()


def request_head(host: str, path: str, query: str, secret: str, length: int) -> bytes:
    lines = [
        f"POST {path}{'?' + query if query else ''} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        "Connection: close",
    ]
    if secret:
        lines.append(f"X-Telegram-Bot-Api-Secret-Token: {secret}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
