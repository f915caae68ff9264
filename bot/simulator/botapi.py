"""The Bot API over HTTP: token, method, faults, verdict; a bare ASGI app because bots are measured against it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from bot.simulator.errors import ApiError
from bot.simulator.faults import AFTER, POLLING, REFUSALS, Fault
from bot.simulator.journal import Entry, shortened
from bot.simulator.methods import METHODS
from bot.simulator.methods.call import Call
from bot.simulator.parameters import Parameters, read
from bot.simulator.world import World

logger = logging.getLogger(__name__)

HANG_SECONDS = 600.0
DRIP_SECONDS = 3.0
DRIPS = 10
HTML_502 = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class BotApi:
    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, method = unquote(scope["path"]).removeprefix("/bot").partition("/")
        world = self._world
        entry = world.journal.begin(method, world.now())
        try:
            await self._answer(token, method, entry, Exchange(world, scope, receive, send))
        except ConnectionResetError:
            entry.verdict = "gone"
        finally:
            world.journal.finish(entry)
            world.quiet.fire()

    async def _answer(self, token: str, method: str, entry: Entry, exchange: "Exchange") -> None:
        try:
            params = await read(exchange.scope, exchange.receive)
            entry.chat_id, entry.params = params.chat_id, shortened(params.values)
            if token != self._world.token:
                raise ApiError(401, "Unauthorized")
            fault = self._world.faults.choose(method, params.chat_id)
        except ApiError as error:
            await exchange.refuse(error, entry)
            return
        entry.fault = fault.kind if fault else None
        if fault is not None and fault.kind not in AFTER | POLLING:
            await exchange.fail_before(fault, entry)
            return
        try:
            result = await self._run(method, params, entry, fault, exchange.gone)
        except ApiError as error:
            await exchange.refuse(error, entry)
            return
        except (ValueError, TypeError, AttributeError, KeyError):
            # Parameters of a shape no client sends; the log tells which.
            logger.exception("%s could not be understood", method)
            await exchange.refuse(ApiError(500, "Internal Server Error"), entry)
            return
        entry.took_effect = True
        entry.verdict = "ok"
        body = json.dumps({"ok": True, "result": result}, ensure_ascii=False).encode()
        if fault is not None and fault.kind in AFTER:
            await exchange.fail_after(fault, entry, body)
        else:
            await exchange.reply(200, body)

    async def _run(
        self,
        method: str,
        params: Parameters,
        entry: Entry,
        fault: Fault | None,
        gone: Callable[[], Awaitable[None]],
    ) -> Any:
        handler = METHODS.get(method.lower())
        if handler is None:
            raise ApiError(404, "Not Found")
        return await handler(Call(self._world, params, entry, fault, gone))


class Exchange:
    """One request and its ways to be answered, or not."""

    def __init__(self, world: World, scope: Scope, receive: Receive, send: Send) -> None:
        self._world = world
        self.scope = scope
        self.receive = receive
        self._send = send

    async def reply(self, status: int, body: bytes, kind: bytes = b"application/json") -> None:
        await self._start(status, len(body), kind)
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, status: int, length: int, kind: bytes = b"application/json") -> None:
        headers = [(b"content-type", kind), (b"content-length", str(length).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def refuse(self, error: ApiError, entry: Entry) -> None:
        entry.verdict, entry.error = str(error.code), error.description
        await self.reply(error.code, json.dumps(error.body()).encode())

    async def gone(self) -> None:
        """Returns when the client has closed its connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def drop(self) -> None:
        """Close the connection without a byte of an answer."""
        self.scope["abort"]()
        await self.gone()

    async def cut(self, content: bytes) -> None:
        """Promise the whole file, send half of it, hang up."""
        await self._start(200, len(content))
        await self._send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        self.scope["close"]()
        await self.gone()

    async def hang(self, seconds: float | None) -> None:
        waits = [asyncio.ensure_future(self.gone()), asyncio.ensure_future(self._world.stopping.wait())]
        await asyncio.wait(waits, timeout=seconds or HANG_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await self.drop()

    async def fail_before(self, fault: Fault, entry: Entry) -> None:
        """The method never runs."""
        if fault.kind in REFUSALS:
            await self.refuse(fault.refusal(), entry)
            return
        entry.verdict = fault.kind
        if fault.kind == "502html":
            await self.reply(502, HTML_502, b"text/html")
        elif fault.kind == "drop_before":
            await self.drop()
        else:
            await self.hang(fault.seconds)

    async def fail_after(self, fault: Fault, entry: Entry, body: bytes) -> None:
        """The method ran, but its answer gets into trouble."""
        if fault.kind == "slow":
            await self._drip(body, fault.seconds or DRIP_SECONDS)
            return
        entry.verdict = fault.kind
        if fault.kind == "truncated":
            await self.reply(200, body[: len(body) // 2])
        elif fault.kind == "500_after":
            await self.refuse(ApiError(500, "Internal Server Error"), entry)
            entry.verdict = fault.kind
        elif fault.kind == "drop_after":
            await self.drop()
        else:
            await self.hang(fault.seconds)

    async def _drip(self, body: bytes, seconds: float) -> None:
        await self._start(200, len(body))
        size = len(body) // DRIPS + 1
        for at in range(0, len(body), size):
            await asyncio.sleep(seconds / DRIPS)
            more = at + size < len(body)
            await self._send({"type": "http.response.body", "body": body[at : at + size], "more_body": more})


class Downloads:
    """Files under /file/bot<token>/<path>, for an hour after getFile named them."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, path = unquote(scope["path"]).removeprefix("/file/bot").partition("/")
        exchange = Exchange(self._world, scope, receive, send)
        entry = self._world.journal.begin("file", self._world.now())
        entry.params = {"path": path}
        try:
            await self._serve(token, path, entry, exchange)
        finally:
            self._world.journal.finish(entry)
            self._world.quiet.fire()

    async def _serve(self, token: str, path: str, entry: Entry, exchange: Exchange) -> None:
        fault = self._world.faults.choose("file", None)
        entry.fault = fault.kind if fault else None
        file = self._world.files.by_path(path)
        if token != self._world.token:
            await exchange.refuse(ApiError(401, "Unauthorized"), entry)
        elif fault is not None and fault.kind not in AFTER | POLLING:
            await exchange.fail_before(fault, entry)
        elif file is None:
            await exchange.refuse(ApiError(404, "Not Found"), entry)
        else:
            entry.took_effect, entry.verdict = True, "ok"
            content = await self._world.files.content(file)
            if fault is not None and fault.kind == "truncated":
                entry.verdict = fault.kind
                await exchange.cut(content)
            elif fault is not None and fault.kind in AFTER:
                await exchange.fail_after(fault, entry, content)
            else:
                await exchange.reply(200, content, b"application/octet-stream")
