"""uvicorn inside our own process: it neither takes our signals nor outlives us."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class Serving(uvicorn.Server):
    """One application on one socket; the port is known before it serves."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """Raises OSError where the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # asyncio sets TCP_NODELAY only where the protocol is named: without it every answer waits 40 ms
        self.socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((host, port))
        except OSError:
            self.socket.close()
            raise
        self.url = f"http://{host}:{self.socket.getsockname()[1]}"
        self._task: asyncio.Task[None] | None = None
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=True,
                timeout_graceful_shutdown=3,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process."""
        yield

    def open(self) -> None:
        self._task = asyncio.create_task(self.serve(sockets=[self.socket]))

    def stop(self) -> None:
        """Take no new connections and end those that rest; requests under way are finished."""
        self.should_exit = True

    async def close(self) -> None:
        self.stop()
        if self._task is not None:
            await self._task
