"""Who asks: sessions kept in the database, found by the hash of a cookie, checked at every request."""

from contextlib import nullcontext
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from admin import csrf
from admin.panel import PageAnswer, Panel, Visit
from core.actions import sessions
from core.actions.authorize import authorize
from core.actions.staff import token_sha256
from core.clock import now
from core.db import ReadSession
from core.messaging import letterhead
from core.queries import around, staff
from core.rules.permissions import Permission

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer", bound=Response)


class Entrance(StrEnum):
    """Who may come in where no permission is asked for."""

    EVERYBODY = "everybody"
    HALFWAY = "halfway"  # the password was right, the second factor is still to come
    STAFF = "staff"


class NobodyError(Exception):
    """Nobody is logged in, or no longer."""


async def visit_of(request: Request, panel: Panel, *, session: ReadSession | None = None) -> Visit:
    """The visit behind a request; ``session`` is what the page goes on reading in. Raises NobodyError."""
    token = request.cookies.get(session_cookie(panel))
    if not token:
        raise NobodyError
    # a form is answered with a page only where it is refused
    moment, is_page = now(), request.method in csrf.SAFE_METHODS
    async with nullcontext(session) if session else panel.database.read() as reading:
        log_in = await around.of_log_in(reading, token_sha256(token), at=moment, office=panel.office, is_page=is_page)
        if log_in is None:
            raise NobodyError
        found = log_in.session
        surroundings = await around.read(reading, found.technician, log_in.there, at=moment) if is_page else None
    if moment - found.seen_at >= sessions.TOUCH_EVERY and not is_unattended(request):
        async with panel.database.write() as writing:
            await sessions.touch(writing, found, at=moment)
    return Visit(panel.under(log_in.office), found.technician, found.id, found.csrf_token, surroundings, session)


async def halfway_visit(request: Request, panel: Panel) -> Visit | None:
    """The visit of somebody who gave the right password and no second factor yet."""
    token = request.cookies.get(session_cookie(panel), "")
    async with panel.database.read() as session:
        found = await staff.session_of(session, token_sha256(token), at=now(), is_complete=False)
        office = await letterhead.read(session, panel.office)
    return Visit(panel.under(office), found.technician, found.id, found.csrf_token) if found else None


def is_unattended(request: Request) -> bool:
    """Whether the page asks by itself: that does not keep a log-in alive which nobody uses."""
    return "x-live" in request.headers or request.url.path == "/live"


async def dressed(panel: Panel) -> Panel:
    """The panel for somebody who is not logged in; while the database is away, under the name of its settings."""
    try:
        async with panel.database.read() as session:
            return panel.under(await letterhead.read(session, panel.office))
    except (SQLAlchemyError, OSError) as error:
        log.warning("the desk's name and logo cannot be read", error=type(error).__name__)
        return panel


async def complete(answer: Response, visit: Visit) -> Response:
    """The answer; a page of it with what stands around it."""
    if isinstance(answer, PageAnswer):
        surroundings = visit.around
        if surroundings is None:
            async with visit.database.read() as session:
                surroundings = await around.of_technician(session, visit.technician, at=now())
        answer.complete(surroundings)
    return answer


async def was_here(request: Request, panel: Panel) -> bool:
    """Whether the request comes from somebody whose log-in ended, not from a stranger."""
    token = request.cookies.get(session_cookie(panel), "")
    async with panel.database.read() as session:
        return await staff.was_session(session, token_sha256(token))


def check(visit: Visit, needed: Permission | Entrance) -> None:
    """Raises ForbiddenError unless the technician may use the page."""
    if isinstance(needed, Permission):
        authorize(visit.technician, needed)


def session_cookie(panel: Panel) -> str:
    return "__Host-session" if panel.https else "session"


def nonce_cookie(panel: Panel) -> str:
    return "__Host-form" if panel.https else "form"


def set_session(answer: Answer, panel: Panel, token: str) -> Answer:
    answer.set_cookie(session_cookie(panel), token, path="/", secure=panel.https, httponly=True, samesite="lax")
    return answer


def forget_session(answer: Answer, panel: Panel) -> Answer:
    answer.delete_cookie(session_cookie(panel), path="/", secure=panel.https, httponly=True, samesite="lax")
    return answer


def stranger_nonce(request: Request, panel: Panel) -> str:
    """The nonce of somebody who is not logged in: the cookie's, or a new one."""
    return request.cookies.get(nonce_cookie(panel)) or csrf.new_nonce()


def keep_nonce(answer: Answer, panel: Panel, nonce: str) -> Answer:
    answer.set_cookie(
        nonce_cookie(panel),
        nonce,
        max_age=int(timedelta(days=1).total_seconds()),
        path="/",
        secure=panel.https,
        httponly=True,
        samesite="lax",
    )
    return answer


def check_stranger(request: Request, panel: Panel, token: str) -> None:
    """Raises StrangerError unless the form belongs to the page this browser was given."""
    nonce = request.cookies.get(nonce_cookie(panel), "")
    csrf.check_token(token if nonce else "", csrf.token_for(panel, nonce))


def local_path(text: str) -> str:
    """The path to go to after the log-in: one of this panel, else the queue."""
    # a browser reads a backslash as a slash and drops line breaks and tabs
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return "/"
    return "/" if text.partition("?")[0] in {"/login", "/login/code", "/login/factor", "/logout"} else text
