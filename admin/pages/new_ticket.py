"""A ticket the desk opens for a customer."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.errors import status_of
from admin.forms import Form
from admin.panel import Visit
from core.actions import submissions, tickets
from core.db import ReadSession
from core.errors import DeskError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import Company, Technician
from core.queries import company_card, policy
from core.rules.identity import read_ruc
from core.rules.services import Service

SUGGESTED = 200  # companies offered while typing
CANDIDATES = 10


async def show(request: Request, visit: Visit) -> Response:
    return await _page(visit, Form(values={"company": request.query_params.get("company", "")}))


async def open_ticket(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    try:
        async with visit.database.write() as session:
            actor = await session.get_one(Technician, visit.technician.id)
            await submissions.is_first(session, actor, form.submission)  # waits for its twin; the action finds it
            ticket = await tickets.open_for_customer(
                session,
                actor,
                company=await _company(session, form.line("company")),
                service=_service(form),
                product=form.text("product"),
                subject=form.line("subject"),
                text=form.text("text"),
                submission=form.submission,
                office=visit.office,
            )
    except InvalidError as refusal:
        return await _page(visit, form, refusal)
    return RedirectResponse(f"/tickets/{ticket.number}", status_code=303)


async def _company(session: ReadSession, text: str) -> Company:
    """The company of that RUC, or the only one that has these words. Raises InvalidError."""
    ruc = read_ruc(text)
    if ruc is not None:
        try:
            return await company_card.by_ruc(session, ruc)
        except NotFoundError:
            raise InvalidError(N_("No company has this RUC."), field="company") from None
    found = await company_card.search(session, text, limit=2) if text else None
    if found is None or not found.companies:
        raise InvalidError(N_("Write the RUC or the name of a company on record."), field="company")
    if len(found.companies) > 1:
        raise InvalidError(N_("Several companies have this name: choose one."), field="company")
    return await company_card.by_ruc(session, found.companies[0].ruc)


def _service(form: Form) -> Service:
    if form.text("service") not in set(Service):
        raise InvalidError(N_("Choose the service."), field="service")
    return Service(form.text("service"))


async def _page(visit: Visit, form: Form, refusal: DeskError | None = None) -> Response:
    if refusal is not None:
        form.refuse(refusal, visit.t)
    text = form.line("company")
    async with visit.database.read() as session:
        suggested = await company_card.search(session, "", limit=SUGGESTED)
        services = (await policy.desk_policy(session)).services
        products = {service: await policy.products(session, service) for service in services}
        is_ambiguous = "company" in form.errors and text and read_ruc(text) is None
        candidates = (await company_card.search(session, text, limit=CANDIDATES)).companies if is_ambiguous else []
    return visit.page(
        "new_ticket/page.html",
        status=status_of(refusal) if refusal else 200,
        form=form,
        suggested=suggested.companies,
        candidates=candidates,
        products=products,
        labels=list(dict.fromkeys(label for labels in products.values() for label in labels)),
    )
