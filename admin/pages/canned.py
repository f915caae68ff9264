"""What is said often, put into the answer that is being written."""

from starlette.requests import Request
from starlette.responses import Response

from admin import forms, uploads
from admin.errors import HarmfulError, ScannerAwayError, TooLargeError
from admin.pages import composer, drafts
from admin.pages import ticket as ticket_page
from admin.panel import Visit
from core.queries import tickets


async def insert(request: Request, visit: Visit) -> Response:
    """The page again with the chosen answer at the end of what was typed, files and all."""
    number = ticket_page.number_of(request)
    async with forms.with_files(request, visit) as form:
        async with visit.database.read() as session:
            ticket = await tickets.by_number(session, number)
            offered = {str(offer.answer.id): offer.text for offer in await composer.offers(session, visit, ticket)}
        text = "\n".join(part for part in (form.text("text").rstrip(), offered.get(form.text("canned"), "")) if part)
        form.values = {**form.values, "text": text}
        try:
            form.files = await uploads.store(visit.panel.store, form.uploads, kept=form.files)
        except (TooLargeError, HarmfulError, ScannerAwayError) as refusal:
            return await ticket_page.refused(visit, number, "reply", form, refusal)
    await drafts.keep_form(visit, number, "reply", form)
    return await ticket_page.page(visit, number, forms={"reply": form})
