"""Settings: under which name, addresses and logo the desk writes."""

import asyncio
import json

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import csrf, forms
from admin.errors import TooLargeError
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import letterhead
from core.actions.content import plain_name
from core.db import WriteSession
from core.errors import DeskError, InvalidError
from core.i18n import N_
from core.messaging.letterhead import FIELDS
from core.models import DeskLogo, Technician
from core.render import logos
from core.render.logos import FLAW_WORDS, Flaw, UnusableError

PATH = "/settings/desk"
LABELS = {
    "name": N_("Name of the desk"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "url": N_("Web site"),
    "address": N_("Address"),
    "logo": N_("Logo"),
}
_LARGEST_FORM = logos.BYTES_LIMIT + forms.SMALL


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def back(request: Request, visit: Visit) -> Response:
    """A form that was sent is no page of its own."""
    return RedirectResponse(PATH, status_code=303)


async def save(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    wanted = {name: form.line(name) for name in FIELDS}

    async def act(session: WriteSession, actor: Technician) -> None:
        await letterhead.write(session, actor, wanted, seen=settings.seen(form))

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{PATH}?done=words", status_code=303)


async def upload(request: Request, visit: Visit) -> Response:
    """The picture is drawn anew before anything is kept; the file itself is not."""
    form = Form()
    try:
        async with forms.opened(request, cap=_LARGEST_FORM) as data:
            form = Form.of(data, to=request.url.path)
            csrf.check_token(form.text("csrf"), visit.csrf_token)
            logo = await _stored(visit, data.get("logo"))
        await _set(visit, form, logo)
    except TooLargeError:
        too_large = InvalidError(FLAW_WORDS[Flaw.TOO_LARGE], field="logo")
        return await _page(request, visit, logo_form=form.refuse(too_large, visit.t), refusal=too_large)
    except DeskError as refusal:
        return await _page(request, visit, logo_form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{PATH}?done=logo", status_code=303)


async def remove(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    try:
        await _set(visit, form, None)
    except DeskError as refusal:
        return await _page(request, visit, logo_form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{PATH}?done=removed", status_code=303)


async def _stored(visit: Visit, file: object) -> DeskLogo:
    """Raises InvalidError."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidError(N_("Choose a file."), field="logo")
    content = await file.read()
    try:
        drawn = await asyncio.to_thread(logos.draw, content)
    except UnusableError as error:
        raise InvalidError(FLAW_WORDS[error.flaw], field="logo") from None
    stored = await visit.panel.store.put(drawn.content)
    name = plain_name(file.filename)
    return letterhead.new_logo(stored.sha256, file_name=name, width=drawn.width, height=drawn.height)


async def _set(visit: Visit, form: Form, logo: DeskLogo | None) -> None:
    async def act(session: WriteSession, actor: Technician) -> None:
        await letterhead.set_logo(session, actor, logo, seen=form.text("replaces"))

    await forms.carry_out(visit, form, act)


async def _page(
    request: Request,
    visit: Visit,
    *,
    form: Form | None = None,
    logo_form: Form | None = None,
    refusal: DeskError | None = None,
) -> Response:
    async with visit.database.read() as session:
        written = await letterhead.written(session)
    return settings.page(
        visit,
        "desk",
        refusal=refusal,
        form=form or Form(),
        logo_form=logo_form or Form(),
        changed=settings.changed(refusal, {name: visit.t(words) for name, words in LABELS.items()}),
        labels=LABELS,
        written=written,
        seen=json.dumps(written),
        installed=visit.panel.installed,
        done=request.query_params.get("done", ""),
    )
