"""Files and reports of a ticket: always saved, never opened in the panel; only pictures drawn anew are shown."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from admin.forms import whole
from admin.headers import SANDBOX, attached
from admin.pages.ticket import number_of
from admin.panel import Visit
from core.errors import NotFoundError
from core.queries import dossier, tickets


async def attachment(request: Request, visit: Visit) -> Response:
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number_of(request))
        file = await dossier.file_of(session, ticket, request.path_params["attachment"])
    return _served(visit, file.sha256, name=file.name, media_type=file.media_type)


async def thumbnail(request: Request, visit: Visit) -> Response:
    """The small picture of a file, drawn by us and therefore fit to be shown."""
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number_of(request))
        file = await dossier.file_of(session, ticket, request.path_params["attachment"])
    path = _path(visit, file.thumbnail_sha256)
    return FileResponse(path, media_type="image/webp", headers={**SANDBOX, "Content-Disposition": "inline"})


async def preview(request: Request, visit: Visit) -> Response:
    """The same large enough to be read: drawn for this look at it, or the small one where that would be unsafe."""
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number_of(request))
        file = await dossier.file_of(session, ticket, request.path_params["attachment"])
    small = _path(visit, file.thumbnail_sha256)  # only what has one is a picture
    drawn = await visit.panel.store.preview(file.sha256) if file.sha256 else None
    headers = {**SANDBOX, "Content-Disposition": "inline"}
    if drawn is None:
        return FileResponse(small, media_type="image/webp", headers=headers)
    return Response(drawn, media_type="image/webp", headers=headers)


async def report(request: Request, visit: Visit) -> Response:
    asked = request.query_params.get("closure", "")
    closure = whole(asked)
    if asked and closure is None:
        raise NotFoundError
    async with visit.database.read() as session:
        ticket = await tickets.by_number(session, number_of(request))
        found = await dossier.report_of(session, ticket, closure)
    return _served(visit, found.pdf_sha256, name=found.file_name, media_type="application/pdf")


def _served(visit: Visit, sha256: str | None, *, name: str, media_type: str) -> Response:
    """Raises NotFoundError while the bytes are not there."""
    path = _path(visit, sha256)
    is_plain = media_type.isascii() and media_type.isprintable() and media_type.count("/") == 1
    return FileResponse(
        path,
        media_type=media_type if is_plain else "application/octet-stream",
        headers=attached(name),
    )


def _path(visit: Visit, sha256: str | None) -> Path:
    if sha256 is None:
        raise NotFoundError
    path = visit.panel.store.path(sha256)
    if not path.exists():
        raise NotFoundError
    return path
