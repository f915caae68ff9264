"""Who asks: sessions kept in the database, found by the hash of a cookie, checked at every request."""

from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from admin import csrf
from admin.panel import PageAnswer, Panel, Surroundings, Visit
from core.actions import sessions
from core.actions.authorize import authorize
from core.actions.staff import token_sha256
from core.clock import now
from core.db import ReadSession
from core.models import Technician
from core.queries import appointments, deliveries, staff, times
from core.queries.alarms import open_alarms
from core.rules.permissions import Permission, allows

Answer = TypeVar("Answer", bound=Response)


class Entrance(StrEnum):
    """Who may come in where no permission is asked for."""

    EVERYBODY = "everybody"
    HALFWAY = "halfway"  # the password was right, the second factor is still to come
    STAFF = "staff"


class NobodyError(Exception):
    """Nobody is logged in, or no longer."""


async def visit_of(request: Request, panel: Panel) -> Visit:
    """The visit behind a request. Raises NobodyError."""
    token = request.cookies.get(session_cookie(panel))
    if not token:
        raise NobodyError
    moment = now()
    async with panel.database.read() as session:
        found = await staff.session_of(session, token_sha256(token), at=moment)
        if found is None:
            raise NobodyError
        # a form is answered with a page only where it is refused
        around = await _around(session, found.technician) if request.method in csrf.SAFE_METHODS else None
    if moment - found.seen_at >= sessions.TOUCH_EVERY and not is_unattended(request):
        async with panel.database.write() as writing:
            await sessions.touch(writing, found, at=moment)
    return Visit(panel, found.technician, found.id, found.csrf_token, around)


async def halfway_visit(request: Request, panel: Panel) -> Visit | None:
    """The visit of somebody who gave the right password and no second factor yet."""
    token = request.cookies.get(session_cookie(panel), "")
    async with panel.database.read() as session:
        found = await staff.session_of(session, token_sha256(token), at=now(), is_complete=False)
    return Visit(panel, found.technician, found.id, found.csrf_token) if found else None


def is_unattended(request: Request) -> bool:
    """Whether the page asks by itself: that does not keep a log-in alive which nobody uses."""
    return "x-live" in request.headers or request.url.path == "/live"


async def complete(answer: Response, visit: Visit) -> Response:
    """The answer; a page of it with what stands around it."""
    if isinstance(answer, PageAnswer):
        around = visit.around
        if around is None:
            async with visit.database.read() as session:
                around = await _around(session, visit.technician)
        answer.complete(around)
    return answer


async def _around(session: ReadSession, technician: Technician) -> Surroundings:
    may_act = allows(technician.role, Permission.RETRY_DELIVERY)
    return Surroundings(
        troubles=await deliveries.needing_a_person(session) if may_act else 0,
        alarms=await open_alarms(session),
        timers=await times.of_technician(session, technician),
        calls=await appointments.near(session, technician, at=now()),
    )


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
