"""A program somewhere else: a real HTTP server that writes down what it is told, and answers as it likes."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Answer = Callable[[], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Call:
    """One POST as it came in."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def event(self) -> str:
        return self.headers["X-Ventanilla-Event"]

    @property
    def delivery(self) -> str:
        return self.headers["X-Ventanilla-Delivery"]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the manual tells programs to check it."""
        signed = self.headers["X-Ventanilla-Timestamp"].encode() + b"." + self.body
        wanted = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, self.headers["X-Ventanilla-Signature"])


class Receiver:
    """``answers`` are given one after the other, then 204."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[int | Answer] = []
        self.url = ""

    async def open(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/ventanilla"

    async def close(self) -> None:
        await self._runner.cleanup()

    def events(self) -> list[str]:
        return [call.event for call in self.calls]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(Call(dict(request.headers), await request.read(), request.path))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, int):
            headers = {"Location": f"http://127.0.0.1:{self.port}/elsewhere"} if 300 <= answer < 400 else {}
            return web.Response(status=answer, headers=headers)
        return await answer()


async def hangs_up() -> web.StreamResponse:
    """The connection ends without an answer."""
    raise asyncio.CancelledError
