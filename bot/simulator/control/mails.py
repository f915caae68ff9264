"""Control of the mailbox, and the files a page shows."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.simulator.control.requests import object_of, seconds_of, world_of
from bot.simulator.errors import ControlError
from bot.simulator.headers import attachment_header
from bot.simulator.mailbox import Mail

# A sandbox would keep the browser's own reader from showing a PDF.
PDF_POLICY = "frame-ancestors 'self'"
RANGE = re.compile(r"bytes=(?!-$)(\d*)-(\d*)")
INLINE = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "video/", "audio/")


def shown(mail: Mail) -> dict[str, object]:
    row = mail.as_row()
    del row["content_key"]
    return row


def mail_of(request: Request) -> Mail:
    mail = world_of(request).mailbox.mails.get(int(request.path_params["mail_id"]))
    if mail is None:
        raise ControlError(404, "No hay un correo con ese número.")
    return mail


async def list_mails(request: Request) -> JSONResponse:
    """Oldest first; ?count=&timeout= waits until that many are there."""
    mailbox = world_of(request).mailbox
    count = int(request.query_params.get("count", 0))
    rest = seconds_of(request, 10.0) if count else 0.0
    while len(mailbox.mails) < count and await mailbox.arrived.wait(rest):
        pass
    return JSONResponse([shown(mail) for mail in mailbox.mails.values()])


async def show_mail(request: Request) -> JSONResponse:
    return JSONResponse(shown(mail_of(request)))


async def show_mail_html(request: Request) -> Response:
    """The HTML of a mail for a sandboxed frame: no script, no outside picture."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
    html = await world_of(request).mailbox.shown(mail_of(request))
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": policy})


async def download_attachment(request: Request) -> Response:
    found = await world_of(request).mailbox.attachment(mail_of(request), int(request.path_params["n"]))
    if found is None:
        raise ControlError(404, "El correo no tiene ese adjunto.")
    facts, content = found
    headers = {"Content-Disposition": attachment_header(facts["name"])}
    return Response(content, media_type=facts["content_type"], headers=headers)


async def clear_mails(request: Request) -> JSONResponse:
    world_of(request).mailbox.clear()
    return JSONResponse([])


async def add_mail_fault(request: Request) -> JSONResponse:
    wish = await object_of(request)
    world_of(request).mailbox.add_fault(str(wish.get("kind")), int(wish.get("times") or 1))
    return JSONResponse(wish, 201)


async def show_file(request: Request) -> Response:
    """A file for the phone page: pictures and sound inline, everything else as a download."""
    world = world_of(request)
    file = world.files.by_unique_id(request.path_params["unique_id"])
    if file is None:
        raise ControlError(404, "No hay tal archivo.")
    headers = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if file.mime_type == "application/pdf":
        headers["Content-Security-Policy"] = PDF_POLICY
    if "download" in request.query_params or not file.mime_type.startswith(INLINE):
        headers["Content-Disposition"] = attachment_header(file.name)
    content = await world.files.content(file)
    wanted = RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None:
        return Response(content, media_type=file.mime_type, headers={**headers, "Accept-Ranges": "bytes"})
    return part(content, wanted, file.mime_type, headers)


def part(content: bytes, wanted: re.Match[str], mime_type: str, headers: dict[str, str]) -> Response:
    """What a player asks for: it looks at the end of a recording to learn how long it is."""
    size, first, last = len(content), wanted[1], wanted[2]
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last) + 1, size) if first and last else size
    if start >= stop:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return Response(content[start:stop], 206, headers, mime_type)
