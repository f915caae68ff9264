"""Companies: the list, the card, and the way back to the first password."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import companies
from core.clock import now
from core.db import WriteSession
from core.errors import BusyError, ConflictError, DeskError, InvalidError
from core.i18n import N_, Translator
from core.models import Technician
from core.queries import company_card, persons

DONE = {
    "reset": N_("The password is the RUC again; the verified persons were told."),
    "invited": N_("The link was shown already, and only that once. Make another one if it is lost."),
    "uninvited": N_("The invitation leads nowhere any more."),
    "approved": N_("The phone is verified; the customer has been told."),
    "refused": N_("The request was refused; the customer has been told."),
    "revoked": N_("The phone is removed; it has been told."),
    "unfrozen": N_("The phone sees the company again; it has been told."),
    "in-charge": N_("The contact person has changed."),
    "clock": N_("The time zone is noted: quiet hours and times in the chat follow it."),
    "registered": N_("The company is registered. Its first password is the RUC."),
    "changed": N_("The record is changed."),
    "handled": N_("Noted: this has been dealt with."),
}


async def list_companies(request: Request, visit: Visit) -> Response:
    text = request.query_params.get("q", "").replace("\x00", "")[:200]
    after = request.query_params.get("after", "").replace("\x00", "")[:13]
    async with visit.database.read() as session:
        page = await company_card.search(session, text, after=after)
    following = {"q": text, "after": page.next}
    return visit.page(
        "companies/page.html",
        companies=page.companies,
        text=text,
        is_first=not after,
        next="/companies?" + urlencode({name: value for name, value in following.items() if value})
        if page.next
        else "",
    )


async def show(request: Request, visit: Visit) -> Response:
    return await page(request, visit)


async def reset_password(request: Request, visit: Visit) -> Response:
    form, ruc = await forms.signed(request, visit), ruc_of(request)

    async def act(session: WriteSession, actor: Technician) -> None:
        company = await company_card.by_ruc(session, ruc)
        await companies.reset_password(session, actor, company, reason=form.text("reason"), office=visit.office)

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, BusyError) as refusal:
        return await page(request, visit, password_form=form.refuse(refusal, visit.t), status=status_of(refusal))
    return RedirectResponse(f"/companies/{ruc}?done=reset", status_code=303)


async def set_clock(request: Request, visit: Visit) -> Response:
    form, ruc = await forms.signed(request, visit), ruc_of(request)

    async def act(session: WriteSession, actor: Technician) -> None:
        company = await company_card.by_ruc(session, ruc)
        await companies.set_clock(session, actor, company, form.text("timezone"), seen=settings.seen(form))

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, ConflictError) as refusal:
        form.refuse(refusal, visit.t)
        return await page(request, visit, clock_form=form, clock_refusal=refusal, status=status_of(refusal))
    return RedirectResponse(f"/companies/{ruc}?done=clock", status_code=303)


async def page(
    request: Request,
    visit: Visit,
    *,
    password_form: Form | None = None,
    persons_form: Form | None = None,
    purchase: Form | None = None,
    clock_form: Form | None = None,
    clock_refusal: DeskError | None = None,
    status: int = 200,
) -> Response:
    """The page of a company; a refused form comes back with its reason."""
    async with visit.database.read() as session:
        company = await company_card.by_ruc(session, ruc_of(request))
        card = await company_card.card(session, company)
        movements = await company_card.movements(session, company.id)
        undecided = await persons.undecided(session, at=now(), company_id=company.id)
        invitations = await persons.open_invitations(session, company, at=now())
    return visit.page(
        "company/page.html",
        status=status,
        card=card,
        movements=movements,
        undecided=undecided,
        invitations=invitations,
        form=password_form or Form(),
        persons_form=persons_form or Form(),
        purchase=purchase or Form(),
        clock_form=clock_form or Form(),
        clock_changed=_changed(visit.t, clock_refusal),
        clock_seen=settings.sees(clock_form, clock_refusal, companies.clock_written(company)),
        zones=companies.ZONES,
        done=DONE.get(request.query_params.get("done", ""), ""),
    )


def _changed(t: Translator, refusal: DeskError | None) -> Sequence[settings.Changed]:
    """Of a time zone that somebody else has changed."""
    zones = {"": t("The desk's")} | {zone: t(words) for zone, words in companies.ZONES.items()}
    return settings.changed(refusal, {"timezone": t("Time zone")}, {"timezone": zones})


def ruc_of(request: Request) -> str:
    return str(request.path_params["ruc"]).replace("\x00", "")
