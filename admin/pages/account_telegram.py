"""A technician's own chat with the bot: linked by a one-time link, told as wished, parted."""

from collections.abc import Mapping

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.panel import Visit
from core.actions import staff_chats, submissions
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_
from core.models import Technician
from core.queries import staff_chats as found
from core.render.alerts import ALERT_WORDS, WISH_WORDS
from core.rules.alerts import NEEDS, Alert, Wish, read_wishes

HOME = "/account/telegram"

_DONE: Mapping[str, str] = {
    "saved": N_("Saved."),
    "parted": N_("Your chat is not told of anything any more."),
    "shown": N_("The link was shown already, and only that once. Make another one if it is lost."),
}


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, asked for as a page after a log-in."""
    return RedirectResponse(HOME, status_code=303)


async def link(request: Request, visit: Visit) -> Response:
    """A link for the own phone, shown this once."""
    form = await forms.signed(request, visit)
    try:
        async with visit.database.write() as session:
            actor = await session.get_one(Technician, visit.technician.id)
            if not await submissions.is_first(session, actor, form.submission):
                return RedirectResponse(f"{HOME}?done=shown", status_code=303)
            address, expires_at = await staff_chats.make_link(session, actor)
    except ConflictError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    drawing = segno.make(address, error="m").svg_inline(scale=6, border=4, light="#fff", omitsize=True)
    return visit.page("account/telegram_link.html", address=address, expires_at=expires_at, drawing=drawing)


async def wish(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    wishes = {alert.value: form.text(alert.value) for alert in Alert}
    try:
        await forms.carry_out(visit, form, lambda session, actor: staff_chats.wish(session, actor, wishes))
    except (ConflictError, InvalidError) as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{HOME}?done=saved", status_code=303)


async def part(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    await forms.carry_out(visit, form, staff_chats.part)
    return RedirectResponse(f"{HOME}?done=parted", status_code=303)


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    async with visit.database.read() as session:
        chat = await found.of_technician(session, visit.technician.id)
    return visit.page(
        "account/telegram.html",
        status=status_of(refusal) if refusal else 200,
        chat=chat,
        wishes=read_wishes(chat.wishes if chat else {}),
        alerts={alert: words for alert, words in ALERT_WORDS.items() if visit.may(NEEDS[alert])},
        choices=[(wish, WISH_WORDS[wish]) for wish in Wish],
        form=form or Form(),
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )
