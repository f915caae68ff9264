"""The panel as one ASGI application: a table of pages, each behind the permission it needs."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ExceptionHandler

from admin import auth, sheets
from admin.compression import Compressed
from admin.errors import headers_of, status_of, text_of
from admin.guard import route
from admin.headers import HEADERS, SafeHeaders
from admin.hosts import OwnHosts
from admin.live import Live
from admin.panel import Panel
from admin.routes import PAGES
from admin.routes.page import Page
from admin.sheets import STATIC, TOGETHER
from admin.templating import environment
from admin.watch import Watch
from core.db import Database, is_broken_off
from core.errors import BusyError, DeskError, NotFoundError
from core.messaging.store import FileStore
from core.queries.health import Watched
from core.render.office import Office

OWN_FILES: Sequence[BaseRoute] = (
    Route(f"/static/{TOGETHER}", sheets.serve),
    Mount("/static", StaticFiles(directory=STATIC)),
)


def create_app(
    *,
    database: Database,
    office: Office,
    store: FileStore,
    secret: bytes | None,
    https: bool,
    second_factor: bool = False,
    hosts: Collection[str] = (),
    watch: Watch | None = None,
    live: Live | None = None,
    pages: Sequence[Page] = PAGES,
    mounts: Sequence[BaseRoute] = (),
) -> Starlette:
    """The panel. ``secret`` signs what strangers bring back and locks second factors (None: a new one at each
    start); ``https``: cookies for secure connections only; ``second_factor``: nobody works without one; ``hosts``:
    what it is called besides the office's address; ``watch`` answers how the desk is; ``live`` is stopped before
    the server is; ``mounts`` are answered before the pages."""
    watch = watch or Watch(database, Watched(Path()))
    key, live = secret or secrets.token_bytes(32), live or Live(database)
    panel = Panel(database, office, store, key, https, environment(office.t.language), watch, live, second_factor)
    routes = [*mounts, *OWN_FILES, *(route(page, panel) for page in pages)]
    app = Starlette(
        routes=routes,
        middleware=_gates(panel, {office.panel_url, *hosts}),
        exception_handlers=_endings(panel),
    )
    app.state.live = live
    return app


def _endings(panel: Panel) -> Mapping[Any, ExceptionHandler]:
    """What somebody reads whose request has ended in an exception."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DeskError)
        shown = await auth.dressed(panel)
        return error_page(shown, status=status_of(error), text=text_of(error, panel.t), headers=headers_of(error))

    async def broken_off(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)
        if not is_broken_off(error):
            raise error
        return await refused(request, BusyError())

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return error_page(await auth.dressed(panel), status=error.status_code, text="", headers=error.headers)

    async def hung_up(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # nobody reads it: the page was left before its request was whole

    async def crashed(request: Request, error: Exception) -> Response:
        # this answer does not come past the middleware
        answer = error_page(panel, status=500, text="")
        answer.headers.update(HEADERS)
        return answer

    return {
        DeskError: refused,
        DBAPIError: broken_off,
        HTTPException: http_error,
        ClientDisconnect: hung_up,
        Exception: crashed,
    }


def _gates(panel: Panel, hosts: Collection[str]) -> Sequence[Middleware]:
    """What every request and answer comes past, from the outside in."""
    return (
        Middleware(Compressed),
        Middleware(SafeHeaders, https=panel.https),
        Middleware(OwnHosts, panel=panel, hosts=hosts),
    )


def error_page(panel: Panel, *, status: int, text: str, headers: object = None) -> Response:
    """A page that says in plain words what went wrong and where to go from here."""
    if status == NOT_FOUND and not text:
        text = panel.t(NotFoundError.message)
    answer = panel.page("error/page.html", status=status, code=status, text=text)
    if isinstance(headers, dict):
        answer.headers.update(headers)
    return answer


NOT_FOUND = 404
