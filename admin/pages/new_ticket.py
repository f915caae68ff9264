"""A ticket the desk opens for a customer: the company is looked up, and one says who of it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms, uploads
from admin.errors import HarmfulError, ScannerAwayError, TooLargeError, status_of
from admin.forms import Form
from admin.pages.composer import attaching
from admin.panel import Visit
from core.actions import addressees, submissions, tickets
from core.actions.addressees import EVERYBODY
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import N_
from core.models import Binding, Company, Technician, Ticket
from core.queries import naming, persons, policy
from core.rules.notices import Follows
from core.rules.services import Service


@dataclass(frozen=True)
class Found:
    """What the words of the company field lead to: one company with who may be told, or some to choose from."""

    company: Company | None = None
    people: Sequence[Binding] = ()
    candidates: Sequence[Company] = ()
    has_more: bool = False

    @property
    def followers(self) -> Sequence[Binding]:
        """Who is told of every ticket of the company, because they want to."""
        return [one for one in self.people if one.follows is Follows.COMPANY]

    def told(self, wanted: str) -> str:
        """The choice that is ticked: the one wanted, if this company has it, else whom one would expect."""
        if wanted in {str(one.id) for one in self.people} or (wanted == EVERYBODY and len(self.people) > 1):
            return wanted
        if self.followers or not self.people:
            return ""
        return str(self.people[0].id) if len(self.people) == 1 else EVERYBODY


async def show(request: Request, visit: Visit) -> Response:
    company = request.query_params.get("company", "").replace("\x00", "")
    return await _page(visit, Form(values={"company": company}))


async def back(request: Request, visit: Visit) -> Response:
    """The address of a button of the form, loaded again."""
    return RedirectResponse("/tickets/new", status_code=303)


async def look_up(request: Request, visit: Visit) -> Response:
    """What the company field leads to: this part of the page for the script, else the page as it was filled in."""
    async with forms.with_files(request, visit) as form:
        if form.text("fragment"):
            async with visit.database.read() as session:
                found = await _find(session, form.line("company"))
            return visit.page("new_ticket/_company.html", form=form, found=found)
        try:
            form.files = await uploads.store(visit.panel.store, form.uploads, kept=form.files)
        except (TooLargeError, HarmfulError, ScannerAwayError) as refusal:
            return await _page(visit, form, refusal)
        return await _page(visit, form)


async def open_ticket(request: Request, visit: Visit) -> Response:
    async with forms.with_files(request, visit) as form:
        try:
            form.files = await uploads.store(visit.panel.store, form.uploads, kept=form.files)
            ticket = await _open(visit, form)
        except (InvalidError, ConflictError, TooLargeError, HarmfulError, ScannerAwayError) as refusal:
            return await _page(visit, form, refusal)
    return RedirectResponse(f"/tickets/{ticket.number}", status_code=303)


async def _open(visit: Visit, form: Form) -> Ticket:
    """The ticket, with the internal note that goes with it."""

    async def once(session: WriteSession) -> Ticket:
        actor = await session.get_one(Technician, visit.technician.id)
        is_first = await submissions.is_first(session, actor, form.submission, words=form.key)  # waits for its twin
        company = await _company(session, form.line("company"))
        ticket = await tickets.open_for_customer(
            session,
            actor,
            company=company,
            service=_service(form),
            product=form.text("product"),
            subject=form.line("subject"),
            text=form.text("text"),
            told=await addressees.choose(session, company, form.text("told")),
            files=form.files,
            submission=form.submission,
            office=visit.office,
        )
        if is_first and form.text("note").strip():
            await tickets.note(session, actor, ticket, text=form.text("note"))
        return ticket

    return await visit.database.carry_out(once)


async def _company(session: ReadSession, text: str) -> Company:
    """The company of that RUC, or the only one that has these words. Raises InvalidError."""
    found = await naming.meant(session, text)
    if found.company is None:
        raise naming.refusal(found, text)
    return found.company


async def _find(session: ReadSession, text: str) -> Found:
    found = await naming.meant(session, text)
    people = await persons.verified(session, found.company.id) if found.company else ()
    return Found(found.company, people, found.candidates, found.has_more)


def _service(form: Form) -> Service:
    if form.text("service") not in set(Service):
        raise InvalidError(N_("Choose the service."), field="service")
    return Service(form.text("service"))


async def _page(visit: Visit, form: Form, refusal: DeskError | None = None) -> Response:
    if refusal is not None:
        form.refuse(refusal, visit.t)
    async with visit.database.read() as session:
        services = (await policy.desk_policy(session)).services
        products = {service: await policy.products(session, service) for service in services}
        found = await _find(session, form.line("company"))
    return visit.page(
        "new_ticket/page.html",
        status=status_of(refusal) if refusal else 200,
        form=form,
        found=found,
        products=products,
        labels=list(dict.fromkeys(label for labels in products.values() for label in labels)),
        **attaching(visit),
    )
