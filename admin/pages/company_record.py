"""A company's record: put in by hand, and corrected."""

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.pages import companies as companies_page
from admin.pages import settings
from admin.panel import Visit
from core.actions import companies, company_record
from core.db import WriteSession
from core.errors import ConflictError, DeskError, ForbiddenError, InvalidError
from core.i18n import N_
from core.models import Technician
from core.queries import company_card
from core.rules.identity import read_ruc, ruc_warning

CHECK_DIGIT = N_("The check digit does not match; newer RUCs do that too. Compare it with an invoice and send again.")
_BETWEEN = re.compile(r"[\n,;]+")
_LABELS = {"name": N_("Name"), "emails": N_("E-mails"), "phones": N_("Phones")}
_SAME_RUC = "ruc_seen"  # the RUC whose check digit somebody has been warned about


async def show_new(request: Request, visit: Visit) -> Response:
    return _new(visit, Form(values={"ruc": request.query_params.get("ruc", "")[:40]}))


async def register(request: Request, visit: Visit) -> Response:
    """A RUC whose check digit fails comes back once, with the warning; sent again it is taken."""
    form = await forms.signed(request, visit)
    ruc = read_ruc(form.text("ruc")) or ""
    if ruc and ruc_warning(ruc) and form.text(_SAME_RUC) != ruc:
        form.errors["ruc"] = visit.t(CHECK_DIGIT)
        return _new(visit, form, ruc_seen=ruc, status=422)

    async def act(session: WriteSession, actor: Technician) -> None:
        await companies.register(
            session,
            actor,
            ruc=form.text("ruc"),
            name=form.line("name"),
            emails=_several(form.text("email")),
            phones=_several(form.text("phone")),
            purchased_minutes=form.number("purchased_minutes"),
        )

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, ConflictError, ForbiddenError) as refusal:
        return _new(visit, form.refuse(refusal, visit.t), ruc_seen=ruc, status=status_of(refusal))
    return RedirectResponse(f"/companies/{ruc}?done=registered", status_code=303)


async def show(request: Request, visit: Visit) -> Response:
    return await _record(request, visit, None)


async def change(request: Request, visit: Visit) -> Response:
    form, ruc = await forms.signed(request, visit), companies_page.ruc_of(request)

    async def act(session: WriteSession, actor: Technician) -> None:
        await company_record.change(
            session,
            actor,
            await company_card.by_ruc(session, ruc),
            name=form.line("name"),
            emails=_several(form.text("email")),
            phones=_several(form.text("phone")),
            seen=settings.seen(form),
        )

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, ConflictError) as refusal:
        return await _record(request, visit, form.refuse(refusal, visit.t), refusal)
    return RedirectResponse(f"/companies/{ruc}?done=changed", status_code=303)


def _new(visit: Visit, form: Form, *, ruc_seen: str = "", status: int = 200) -> Response:
    return visit.page("company_record/new.html", form=form, ruc_seen=ruc_seen, status=status)


async def _record(request: Request, visit: Visit, form: Form | None, refusal: DeskError | None = None) -> Response:
    async with visit.database.read() as session:
        company = await company_card.by_ruc(session, companies_page.ruc_of(request))
    return visit.page(
        "company_record/page.html",
        status=status_of(refusal) if refusal else 200,
        company=company,
        seen=settings.sees(form, refusal, company_record.written(company)),
        changed=settings.changed(refusal, {name: visit.t(words) for name, words in _LABELS.items()}),
        form=form or Form(),
    )


def _several(text: str) -> Sequence[str]:
    """One a line, or parted by commas."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]
