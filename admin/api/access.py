"""Who calls: a bearer token of a technician, who keeps exactly the rights of the panel."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.exceptions import HTTPException
from starlette.requests import Request as PlainRequest
from starlette.responses import Response
from starlette.types import Message

from admin.api import permissions
from core.actions import accounts
from core.actions.authorize import authorize
from core.actions.sessions import TOUCH_EVERY
from core.actions.staff import token_sha256
from core.clock import now
from core.db import Database
from core.messaging import letterhead
from core.messaging.store import FileStore
from core.models import Technician
from core.queries import staff
from core.render.office import Office

LARGEST_BODY = 1024 * 1024  # of a request without files
CHALLENGE = 'Bearer realm="ventanilla"'


@dataclass(frozen=True)
class Api:
    """What every call needs."""

    database: Database
    office: Office
    store: FileStore
    secret: bytes


_bearer = HTTPBearer(auto_error=False, description="A token made with: python -m core api-token USER")


class Guarded(APIRoute):
    """Asks who calls, and whether they may, before a byte of the body is read: FastAPI reads it before it asks any
    dependency. Raises ValueError for a call without a permission.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        has_body = self.body_field is not None
        permission = permissions.needed(self.methods or (), self.path)

        async def guarded(request: Request) -> Response:
            request.state.caller = await _caller_of(request)
            authorize(request.state.caller, permission)
            if has_body:
                require_type(request, "application/json")
                request = capped(request, LARGEST_BODY)
                await request.body()
            return await answer(request)

        return guarded


def capped(request: PlainRequest, cap: int) -> Request:
    """The same request, whose body ends with a 413 after ``cap`` bytes."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > cap:
            raise HTTPException(413)
        return message

    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and len(announced) < 20 and int(announced) > cap:
        raise HTTPException(413)
    return Request(request.scope, receive)


def require_type(request: PlainRequest, *taken: str) -> None:
    """Raises 415 for a body of another type; one that does not say what it is, is taken for JSON."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said and said not in taken:
        raise HTTPException(415)


def api_of(request: Request) -> Api:
    """For a known caller with the name the desk has now."""
    api: Api = getattr(request.state, "api", request.app.state.api)
    return api


def caller(request: Request, _: Annotated[object, Depends(_bearer)]) -> Technician:
    """The technician behind the token, found before the request was read."""
    technician: Technician = request.state.caller
    return technician


def require_guarded(routes: Iterable[object]) -> None:
    """Raises ValueError for a call that asks nobody who they are."""
    for route in routes:
        if isinstance(route, APIRoute) and not isinstance(route, Guarded):
            raise ValueError(f"{route.path} does not ask who calls")


async def _caller_of(request: Request) -> Technician:
    """Raises 401 where there is no token, or one that is disabled or revoked."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, headers={"WWW-Authenticate": CHALLENGE})
    async with api_of(request).database.read() as session:
        found = await staff.of_api_token(session, token_sha256(token))
        office = await letterhead.read(session, api_of(request).office)
    if found is None:
        raise HTTPException(401, headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
    request.state.api = replace(api_of(request), office=office)
    moment = now()
    if found.used_at is None or moment - found.used_at >= TOUCH_EVERY:
        async with api_of(request).database.write() as writing:
            await accounts.touch_token(writing, found, at=moment)
    return found.technician


Caller = Annotated[Technician, Depends(caller)]
ApiParts = Annotated[Api, Depends(api_of)]
