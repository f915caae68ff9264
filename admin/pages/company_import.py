"""Many companies at once: a file is read and looked at, and registered once somebody has confirmed it."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import csrf, forms
from admin.errors import TooLargeError, status_of
from admin.forms import Form
from admin.panel import Visit
from core.actions import imports
from core.db import WriteSession
from core.errors import ConflictError, DeskError, ForbiddenError, InvalidError
from core.i18n import N_
from core.models import CompanyImport, Technician
from core.queries import imports as lists
from core.render.roster import FLAW_WORDS
from core.rules.roster import BYTES_LIMIT, Flaw, UnreadableError, read

_LARGEST_FORM = BYTES_LIMIT + forms.SMALL

Change = Callable[[WriteSession, Technician, CompanyImport], Awaitable[None]]


async def show(request: Request, visit: Visit) -> Response:
    return await _page(visit, Form())


async def upload(request: Request, visit: Visit) -> Response:
    """Read, check, and show what it says: nothing is registered yet."""
    try:
        async with forms.opened(request, cap=_LARGEST_FORM) as data:
            form = Form.of(data, to=request.url.path)
            csrf.check_token(form.text("csrf"), visit.csrf_token)
            return await _keep(visit, form, data.get("file"))
    except TooLargeError:
        too_long = InvalidError(FLAW_WORDS[Flaw.TOO_LONG], field="file")
        return await _page(visit, Form(), too_long)


async def _keep(visit: Visit, form: Form, file: object) -> Response:
    if not isinstance(file, UploadFile) or not file.filename:
        return await _page(visit, form, InvalidError(N_("Choose a file."), field="file"))
    content = await file.read()
    try:
        lines = await asyncio.to_thread(read, content)  # ten thousand phone numbers take a second
    except UnreadableError as unreadable:
        return await _page(visit, form, InvalidError(FLAW_WORDS[unreadable.flaw], field="file"))
    async with visit.database.write() as session:
        actor = await session.get_one(Technician, visit.technician.id)
        kept = await imports.keep(session, actor, file_name=file.filename, lines=lines, submission=form.submission)
    return RedirectResponse(f"/companies/import/{kept.id}", status_code=303)


async def show_one(request: Request, visit: Visit) -> Response:
    return await _list(request, visit)


async def confirm(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, imports.confirm)


async def discard(request: Request, visit: Visit) -> Response:
    return await _change(request, visit, imports.discard)


async def _change(request: Request, visit: Visit, change: Change) -> Response:
    form = await forms.signed(request, visit)

    async def act(session: WriteSession, actor: Technician) -> None:
        await change(session, actor, await lists.by_id(session, _id(request), lock=True))

    try:
        await forms.carry_out(visit, form, act)
    except (ConflictError, ForbiddenError) as refusal:
        return await _list(request, visit, form.refuse(refusal, visit.t), status=status_of(refusal))
    return RedirectResponse(f"/companies/import/{_id(request)}", status_code=303)


async def _page(visit: Visit, form: Form, refusal: DeskError | None = None) -> Response:
    if refusal is not None:
        form.refuse(refusal, visit.t)
    async with visit.database.read() as session:
        latest = await lists.latest(session)
    status = status_of(refusal) if refusal else 200
    return visit.page("company_import/page.html", form=form, latest=latest, status=status)


async def _list(request: Request, visit: Visit, form: Form | None = None, *, status: int = 200) -> Response:
    after = request.query_params.get("after", "")
    position = int(after) if after.isascii() and after.isdigit() and len(after) <= 6 else 0
    async with visit.database.read() as session:
        kept = await lists.by_id(session, _id(request))
        look = await lists.to_look_at(session, kept, after=position)
        sample = await lists.sample(session, kept)
    return visit.page(
        "company_import/list.html",
        status=status,
        kept=kept,
        look=look,
        sample=sample,
        is_first=not position,
        to_register=kept.lines - kept.wrong - kept.known,
        form=form or Form(),
    )


def _id(request: Request) -> int:
    return int(request.path_params["id"])
