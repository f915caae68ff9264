"""A file server with bad manners, behind Telegram's address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.client import make_bot
from bot.download import TIMES
from bot.files import FileFetcher
from core.actions.content import Content, Home, IncomingFile, attach
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.models import Attachment, FileKind, FileState
from core.render.office import Office
from core.settings import load
from core.wake import Topic
from tests.patience import PATIENCE

TOKEN = "1000000001:simulator"
Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RudeServer:
    """Answers getFile with ``size``, and a download with ``serve``; both count."""

    def __init__(self) -> None:
        self.size: int | None = None
        self.serve: Serve = whole(b"factura")
        self.links = 0
        self.downloads = 0
        self.url = ""

    async def get_file(self, request: web.Request) -> web.Response:
        self.links += 1
        size = {} if self.size is None else {"file_size": self.size}
        facts: dict[str, Any] = {"file_id": "F", "file_unique_id": "U", "file_path": f"documents/file_{self.links}"}
        return web.json_response({"ok": True, "result": facts | size})

    async def download(self, request: web.Request) -> web.StreamResponse:
        self.downloads += 1
        return await self.serve(request)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RudeServer"]:
        app = web.Application()
        app.router.add_route("*", f"/bot{TOKEN}/getFile", self.get_file)
        app.router.add_get(f"/file/bot{TOKEN}/{{path:.*}}", self.download)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()


def whole(content: bytes) -> Serve:
    async def serve(request: web.Request) -> web.StreamResponse:
        return web.Response(body=content)

    return serve


def unframed(content: bytes) -> Serve:
    """An answer of old: it ends when the line is cut, and nobody knows whether that was the end."""

    async def serve(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content)
        request.transport.close()
        return web.Response()

    return serve


def streamed(pieces: Callable[[], AsyncIterator[bytes]], *, length: int | None) -> Serve:
    """``length`` is what the answer promises; then the line is cut."""

    async def serve(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.content_length = length
        await answer.prepare(request)
        try:
            async for piece in pieces():
                await answer.write(piece)
        except ConnectionError:  # the bot has had enough
            pass
        if request.transport is not None:
            request.transport.close()
        return answer

    return serve


class Fetching:
    """A fetcher on its own, and the row of the one file it is after."""

    def __init__(self, database: Database, folder: Path, server: RudeServer) -> None:
        self.database, self.server, self.folder = database, server, folder / "files"
        self.store = FileStore(self.folder)
        self.times = TIMES

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        office = Office(name="Mesa", translators=Translators(default="es", timezone="America/Guayaquil"))
        bot = make_bot(load({}, env_file=None), api_url=self.server.url)
        for request in bot._request:
            await request.initialize()
        fetcher = FileFetcher(bot, self.database, self.store, office, times=self.times)
        task = asyncio.create_task(fetcher.run())
        try:
            yield
        finally:
            fetcher.stop()
            await task
            for request in bot._request:
                await request.shutdown()

    async def sends(self, message: int = 1) -> None:
        async with self.database.write() as session:
            file = IncomingFile(FileKind.DOCUMENT, f"F{message}", "factura.pdf", "application/pdf", None)
            await attach(session, Content(chat_id=501, message_id=message, file=file), Home())

    async def file(self, message: int = 1) -> Attachment:
        async with self.database.read() as session:
            return await session.get_one(Attachment, message)

    async def until(self, holds: Callable[[Attachment], bool], message: int = 1) -> Attachment:
        async with asyncio.timeout(PATIENCE):
            while not holds(found := await self.file(message)):  # noqa: ASYNC110 - the row is a fact of the database
                await asyncio.sleep(0.02)
        return found

    async def until_tried(self, times: int = 1) -> Attachment:
        """The row after so many tries that failed."""
        return await self.until(lambda file: file.attempts >= times)

    async def until_stored(self, message: int = 1) -> Attachment:
        return await self.until(lambda file: file.state is FileState.STORED, message)

    def kept(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def hurry(self) -> None:
        self.database.wake.ring([Topic.FILES])


def quick(**seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(**seconds)
