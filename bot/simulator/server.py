"""The life of a simulator: what it listens on, and how it ends promptly."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.simulator.app import build
from bot.simulator.mailbox import MailServer
from bot.simulator.people import DEFAULT_CHARACTERS, Character
from bot.simulator.store import Store
from bot.simulator.webhook import WebhookSender
from bot.simulator.world import World

STOP_SECONDS = 2


class AbortableProtocol(HttpToolsProtocol):
    """Lets a fault cut the connection: ASGI itself has no way to answer with silence."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]  # an extension
        self.scope["close"] = self.transport.close  # type: ignore[typeddict-unknown-key]  # of our own


class EmbeddedServer(uvicorn.Server):
    """Signals belong to whoever runs the process; ready and stop are events instead of polling."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Without the original's pauses: whoever is still talking gets a moment, then the line is cut."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        tasks = set(self.server_state.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def stop(self) -> None:
        self.should_exit = True
        self.stopping.set()


class Simulator:
    """A Bot API server, a phone page and a mailbox on the loopback interface."""

    def __init__(
        self,
        data_file: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        smtp_port: int = 0,
        token: str = "1000000001:simulator",  # noqa: S107 - made up, opens nothing
        bot_username: str = "ventanilla_bot",
        bot_name: str = "Ventanilla",
        characters: Sequence[Character] | None = None,
        seed: int = 0,
    ) -> None:
        self.token = token
        self._host = host
        self._asked_ports = (port, smtp_port)
        self._data_file = data_file
        self._identity = {"token": token, "username": bot_username, "name": bot_name}
        self._seed = seed
        self._characters = DEFAULT_CHARACTERS if characters is None else characters
        self.url = ""
        self.smtp_url = ""

    async def start(self) -> None:
        """Raises OSError if a port is taken; nothing stays open then."""
        http = listening_socket(self._host, self._asked_ports[0])
        self._store = Store(self._data_file)
        self._world = World(self._store, seed=self._seed, **self._identity)
        self._world.load(self._characters)
        self._mail = MailServer(self._world.mailbox, self._host, self._asked_ports[1])
        try:
            await self._mail.start()
        except OSError:
            http.close()
            await self._store.close()
            raise
        self._server = EmbeddedServer(configured(self._world))
        self._tasks = [
            asyncio.create_task(self._store.write_behind()),
            asyncio.create_task(WebhookSender(self._world).run()),
        ]
        self._serving = asyncio.create_task(self._server.serve(sockets=[http]))
        await self._server.ready.wait()
        self.url = f"http://{self._host}:{http.getsockname()[1]}"
        self.smtp_url = f"smtp://{self._host}:{self._mail.port}"

    @property
    def pending_updates(self) -> int:
        """How many updates the bot has not confirmed yet."""
        return len(self._world.queue.pending())

    async def stop(self) -> None:
        world = self._world
        world.stopping.set()
        world.feed.close()
        self._server.stop()
        await self._mail.stop()
        await self._serving
        for task in (*self._tasks, *world.background):
            task.cancel()
        await asyncio.gather(*self._tasks, *world.background, return_exceptions=True)
        world.close()
        await self._store.close()


def listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches off Nagle's delay (40 ms an answer) only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def configured(world: World) -> uvicorn.Config:
    return uvicorn.Config(
        build(world),
        http=AbortableProtocol,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
    )
