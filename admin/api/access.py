"""Who calls: a bearer token of a technician, who keeps exactly the rights of the panel."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from core.actions.authorize import authorize
from core.actions.staff import token_sha256
from core.db import Database
from core.messaging.store import FileStore
from core.models import Technician
from core.queries import staff
from core.render.office import Office
from core.rules.permissions import Permission


@dataclass(frozen=True)
class Api:
    """What every call needs."""

    database: Database
    office: Office
    store: FileStore


_bearer = HTTPBearer(auto_error=False, description="A token made with: python -m core api-token USER")


def api_of(request: Request) -> Api:
    api: Api = request.app.state.api
    return api


async def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Technician:
    """The technician behind the token. Raises 401 where there is none, or one that is disabled or revoked."""
    technician = None
    if credentials is not None:
        async with api_of(request).database.read() as session:
            technician = await staff.of_api_token(session, token_sha256(credentials.credentials))
    if technician is None:
        raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="ventanilla"'})
    return technician


async def reader(technician: Annotated[Technician, Depends(caller)]) -> Technician:
    """A caller who may see tickets."""
    authorize(technician, Permission.SEE_TICKETS)
    return technician


Caller = Annotated[Technician, Depends(caller)]
Reader = Annotated[Technician, Depends(reader)]
ApiParts = Annotated[Api, Depends(api_of)]
