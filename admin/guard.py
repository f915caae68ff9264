"""A page behind its checks: where it was asked from, who asks, and whether they may."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from admin import auth, csrf
from admin.auth import Entrance, NobodyError
from admin.hosts import PROBED
from admin.pages import login, second_factor
from admin.panel import Panel, Visit
from admin.routes.page import Page
from core.db import ReadSession
from core.rules.permissions import Permission


def route(page: Page, panel: Panel) -> Route:
    """The page behind its checks. Raises ValueError for one that does not say who may ask for it."""
    if page.needs is None:
        raise ValueError(f"{page.method} {page.path} does not say who may ask for it")
    endpoint = _open(page, panel) if page.needs is Entrance.EVERYBODY else _guarded(page, panel, page.needs)
    return Route(page.path, endpoint, methods=[page.method])


def _open(page: Page, panel: Panel) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        csrf.check_origin(request, panel)
        shown = panel if page.path in PROBED else await auth.dressed(panel)
        return await page.show(request, shown)  # type: ignore[arg-type]  # by `needs` it is an OpenPage

    return answer


def _guarded(page: Page, panel: Panel, needs: Permission | Entrance) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        csrf.check_origin(request, panel)
        try:
            async with panel.database.read() if page.keeps_session else nullcontext() as session:
                visit = await _visit(request, panel, needs, session)
                auth.check(visit, needs)
                answer = await page.show(request, visit)  # type: ignore[arg-type]  # by `needs` it is a StaffPage
        except NobodyError:
            return await (_again if needs is Entrance.HALFWAY else _to_log_in)(request, panel)
        return await auth.complete(answer, visit)

    return answer


async def _visit(request: Request, panel: Panel, needs: Permission | Entrance, session: ReadSession | None) -> Visit:
    """Raises NobodyError. Who is halfway in has pages of their own, and no other."""
    if needs is not Entrance.HALFWAY:
        return await auth.visit_of(request, panel, session=session)
    if (visit := await auth.halfway_visit(request, panel)) is None:
        raise NobodyError
    return visit


async def _again(request: Request, panel: Panel) -> Response:
    """Halfway it may be the second click: what the first one brought stays, and what it showed is shown."""
    is_setting_up = request.method == "POST" and request.url.path == "/login/factor"
    shown = await second_factor.take_second(request, panel) if is_setting_up else None
    return shown or RedirectResponse("/login", status_code=303)


async def _to_log_in(request: Request, panel: Panel) -> Response:
    """A page is asked for again after the log-in; what a form brought is shown, so that it is not lost."""
    if request.method in csrf.SAFE_METHODS:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if (halfway := await auth.halfway_visit(request, panel)) is not None:
            has_one = halfway.technician.totp_secret is not None
            return RedirectResponse(second_factor.door(here, has_factor=has_one), status_code=303)
        address = "/login" if here == "/" else f"/login?next={quote(here, safe='')}"
        return auth.forget_session(RedirectResponse(address, status_code=303), panel)
    return await login.session_over(request, await auth.dressed(panel))
