"""Companies: the list, the card, and the way back to the first password."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import csrf, forms
from admin.errors import status_of
from admin.forms import Form
from admin.panel import Visit
from core.actions import companies, submissions
from core.errors import InvalidError
from core.models import Technician
from core.queries import company_card


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
    return await _page(request, visit, Form(), status=200)


async def reset_password(request: Request, visit: Visit) -> Response:
    form = await forms.read(request)
    csrf.check_token(form.text("csrf"), visit.csrf_token)
    try:
        async with visit.database.write() as session:
            company = await company_card.by_ruc(session, _ruc(request))
            actor = await session.get_one(Technician, visit.technician.id)
            if await submissions.is_first(session, actor, form.submission):
                await companies.reset_password(
                    session, actor, company, reason=form.text("reason"), office=visit.office
                )
    except InvalidError as refusal:
        return await _page(request, visit, form.refuse(refusal, visit.t), status=status_of(refusal))
    return RedirectResponse(f"/companies/{company.ruc}?done=reset", status_code=303)


async def _page(request: Request, visit: Visit, form: Form, *, status: int) -> Response:
    async with visit.database.read() as session:
        company = await company_card.by_ruc(session, _ruc(request))
        card = await company_card.card(session, company)
        movements = await company_card.movements(session, company.id)
    return visit.page(
        "company/page.html",
        status=status,
        card=card,
        movements=movements,
        form=form,
        was_reset=request.query_params.get("done") == "reset",
    )


def _ruc(request: Request) -> str:
    return str(request.path_params["ruc"]).replace("\x00", "")
