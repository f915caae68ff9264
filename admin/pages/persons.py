"""The people of a company: invited, approved, stopped, revoked, in charge."""

from collections.abc import Awaitable, Callable

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of, text_of
from admin.forms import Form
from admin.pages import companies
from admin.panel import Visit
from core.actions import announcements, bindings, codes, invitations, submissions
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import Company, Technician
from core.queries import company_card, persons
from core.rules.proofs import Ending

Change = Callable[[WriteSession, Technician, Company, Form], Awaitable[object]]
Outcome = Callable[[WriteSession, Company, int], Awaitable[bool]]


async def invite(request: Request, visit: Visit) -> Response:
    """The link is shown this once, on a page that may be printed as a card; the form sent again shows nothing."""
    form = await forms.signed(request, visit)
    async with visit.database.write() as session:
        company = await company_card.by_ruc(session, companies.ruc_of(request))
        actor = await session.get_one(Technician, visit.technician.id)
        if not await submissions.is_first(session, actor, form.submission):
            return _back(company.ruc, "invited")
        link = await invitations.invite(session, actor, company)
    drawing = segno.make(link.address, error="m").svg_inline(scale=6, border=4, light="#fff", omitsize=True)
    return visit.page("invitation/page.html", company=company, link=link, drawing=drawing)


async def revoke_invitation(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        invitation = await persons.invitation(session, company, _id(request), lock=True)
        await invitations.revoke(session, actor, invitation)

    return await _change(request, visit, change, done="uninvited")


async def approve(request: Request, visit: Visit) -> Response:
    """The technician types what the customer reads aloud; a wrong try is counted, so it is committed, too."""

    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> bool:
        code = await codes.request_of(session, company, _id(request))
        return await codes.approve(session, actor, code, form.line("code"), office=visit.office)

    return await _change(request, visit, change, done="approved", again=_was_right)


async def refuse(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        code = await codes.request_of(session, company, _id(request))
        await codes.refuse(session, actor, code, office=visit.office)

    return await _change(request, visit, change, done="refused")


async def revoke(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        binding = await bindings.leaving(session, company, _id(request))
        await bindings.revoke(session, actor, binding, reason=form.text("reason"), office=visit.office)

    return await _change(request, visit, change, done="revoked")


async def unfreeze(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        binding = await bindings.of_company(session, company, _id(request), lock=True)
        await bindings.unfreeze(session, actor, binding, office=visit.office)

    return await _change(request, visit, change, done="unfrozen")


async def put_in_charge(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        binding = await bindings.of_company(session, company, _id(request), lock=True)
        await bindings.put_in_charge(session, actor, binding, office=visit.office)

    return await _change(request, visit, change, done="in-charge")


async def dismiss(request: Request, visit: Visit) -> Response:
    async def change(session: WriteSession, actor: Technician, company: Company, form: Form) -> None:
        denial = await persons.denial(session, company, _id(request))
        await announcements.dismiss(session, actor, denial)

    return await _change(request, visit, change, done="handled")


async def back(request: Request, visit: Visit) -> Response:
    """The address of a form, loaded anew, leads to its page."""
    async with visit.database.read() as session:
        return _back((await company_card.by_ruc(session, companies.ruc_of(request))).ruc, "")


async def _was_right(session: WriteSession, company: Company, code_id: int) -> bool:
    """How a request ended that was decided by the same form before."""
    return (await codes.request_of(session, company, code_id)).ending is Ending.PROVED


async def _change(
    request: Request, visit: Visit, change: Change, *, done: str, again: Outcome | None = None
) -> Response:
    """``change`` answers False for digits that were wrong, and so does ``again`` of a form that was sent before."""
    form, ruc = await forms.signed(request, visit), companies.ruc_of(request)

    async def act(session: WriteSession, actor: Technician) -> object:
        return await change(session, actor, await company_card.by_ruc(session, ruc), form)

    async def known(session: WriteSession) -> object:
        return await again(session, await company_card.by_ruc(session, ruc), _id(request)) if again else None

    try:
        outcome = await forms.carry_out(visit, form, act, again=known)
    except (InvalidError, ConflictError) as refusal:
        asked = Form(notice=text_of(refusal, visit.t))
        return await companies.page(request, visit, persons_form=asked, status=status_of(refusal))
    if outcome is False:
        asked = Form(notice=visit.t(N_("These are not the digits on the customer's phone.")))
        return await companies.page(request, visit, persons_form=asked, status=422)
    return _back(ruc, done)


def _back(ruc: str, done: str | None) -> Response:
    query = f"?done={done}" if done else ""
    return RedirectResponse(f"/companies/{ruc}{query}#persons", status_code=303)


def _id(request: Request) -> int:
    return int(request.path_params["id"])
