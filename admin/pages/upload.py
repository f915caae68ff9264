"""The one-time page where a customer uploads what is too large for Telegram: no log-in, no cookie, one file."""

import asyncio
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from admin import uploads
from admin.errors import TooLargeError, status_of, text_of
from admin.file_part import BrokenOffError, FilePart
from admin.panel import Panel
from core.actions import uploads as links
from core.actions.writing import NewFile
from core.errors import ConflictError, DeskError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import UploadLink

AT_ONCE = 4
SECONDS = 3600  # the longest an upload may take

BUSY = N_("Too many files are being uploaded right now. Try again in a few minutes with the same link.")
BROKE_OFF = N_("The file did not arrive whole. Try again with the same link.")


async def show(request: Request, panel: Panel) -> Response:
    try:
        return _page(panel, await _link(request, panel))
    except NotFoundError as error:
        return _gone(panel, error)


async def take(request: Request, panel: Panel) -> Response:
    """The file goes where the link leads; whatever goes wrong, the link stays good."""
    token = request.path_params["token"]
    try:
        return await _take(request, panel, token, await _link(request, panel))
    except NotFoundError as error:
        return _gone(panel, error)


async def _take(request: Request, panel: Panel, token: str, link: UploadLink) -> Response:
    """Raises NotFoundError where the link has lost its meaning, perhaps meanwhile."""
    if link.id in panel.uploading or len(panel.uploading) >= AT_ONCE:
        return _refused(request, panel, link, ConflictError(BUSY), status=503)
    async with panel.database.write() as session:
        await links.begin(session, token)
    panel.uploading.add(link.id)
    try:
        async with asyncio.timeout(SECONDS):
            file = await _receive(request, panel)
        async with panel.database.write() as session:
            await links.finish(session, token, file.content, name=file.name, office=panel.office)
    except (BrokenOffError, TimeoutError):
        return _refused(request, panel, link, InvalidError(BROKE_OFF))
    except TooLargeError:
        return _refused(request, panel, link, _too_large(panel), status=413)
    except NotFoundError:
        raise
    except DeskError as error:
        return _refused(request, panel, link, error)
    finally:
        panel.uploading.discard(link.id)
    return RedirectResponse(request.url.path, status_code=303)


async def _receive(request: Request, panel: Panel) -> NewFile:
    """Raises BrokenOffError and what a refused file raises."""
    cap = panel.office.upload_limit * 1_000_000
    part = await FilePart.of(request, cap=cap)
    if not part.name:
        raise InvalidError(N_("Choose a file."), field="file")
    async with aclosing(part.chunks()) as chunks:
        return await uploads.receive(panel.store, part.name, chunks, cap=cap)


def _too_large(panel: Panel) -> InvalidError:
    return InvalidError(
        N_("The file is larger than %(n)s MB. Send it in parts or by e-mail."), n=panel.office.upload_limit
    )


async def _link(request: Request, panel: Panel) -> UploadLink:
    async with panel.database.read() as session:
        return await links.find(session, request.path_params["token"])


def _refused(
    request: Request, panel: Panel, link: UploadLink, error: DeskError, *, status: int | None = None
) -> Response:
    """The page again with the reason; the script reads the reason alone."""
    words, code = text_of(error, panel.t), status or status_of(error)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"problem": words}, code)
    return _page(panel, link, status=code, problem=words)


def _gone(panel: Panel, error: NotFoundError) -> Response:
    """For a customer, who has no business with the rest of the panel."""
    return panel.page("upload/gone.html", status=status_of(error), text=text_of(error, panel.t))


def _page(panel: Panel, link: UploadLink, *, status: int = 200, problem: str = "") -> Response:
    return panel.page("upload/page.html", status=status, link=link, file=link.attachment, problem=problem)
