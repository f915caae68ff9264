"""All that is served on the one port: Bot API and files bare, control and pages with their headers."""

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.simulator import pages
from bot.simulator.botapi import BotApi, Downloads
from bot.simulator.control import ROUTES
from bot.simulator.errors import ControlError
from bot.simulator.headers import PAGE_POLICY
from bot.simulator.world import World


async def refuse(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ControlError)
    return JSONResponse({"error": error.sentence}, error.status)


async def refuse_nonsense(_: Request, error: Exception) -> JSONResponse:
    """A wish of the wrong shape: a word where a number belongs, a list where an object belongs."""
    return JSONResponse({"error": f"El pedido no se entiende: {error}."}, 400)


class Guarded:
    """Headers for the browser, and no orders from pages of other origins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        if scope["type"] == "http" and foreign(Headers(scope=scope)):
            answer = JSONResponse({"error": "La orden viene de otra página."}, 403)
            await answer(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def build(world: World) -> ASGIApp:
    routes: list[BaseRoute] = [
        Route("/", pages.phone),
        Route("/correo", pages.mailbox),
        Mount("/static", StaticFiles(directory=pages.HERE / "static")),
        *ROUTES,
    ]
    refusals = {ControlError: refuse, ValueError: refuse_nonsense, TypeError: refuse_nonsense}
    inner = Starlette(routes=routes, exception_handlers=refusals)
    inner.state.world = world
    guarded, bot_api, downloads = Guarded(inner), BotApi(world), Downloads(world)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/bot"):
            await bot_api(scope, receive, send)
        elif path.startswith("/file/bot"):
            await downloads(scope, receive, send)
        else:
            await guarded(scope, receive, send)

    return app
