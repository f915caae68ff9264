"""The desk's logo as browsers load it: bytes of our own drawing, under an address that is their hash."""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from admin.headers import ONE_YEAR, SANDBOX
from admin.panel import Panel
from core.errors import NotFoundError
from core.models import DeskLogo
from core.render.office import LOGO_TYPE

HEADERS = {**SANDBOX, "Cache-Control": ONE_YEAR, "Content-Disposition": "inline"}


async def show(request: Request, panel: Panel) -> Response:
    """For everybody: it stands on the log-in page. No other file of the store has an address here."""
    sha256 = request.path_params["sha256"]
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise NotFoundError
    async with panel.database.read() as session:
        is_logo = await session.get(DeskLogo, sha256) is not None
    path = panel.store.path(sha256)
    if not is_logo or not path.exists():
        raise NotFoundError
    return FileResponse(path, media_type=LOGO_TYPE, headers=HEADERS)
