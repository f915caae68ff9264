"""Settings: the answers that are said often."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import settings
from admin.pages.settings_texts import LANGUAGE_WORDS
from admin.panel import Visit
from core.actions import canned as actions
from core.actions.canned import Wording
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import LANGUAGES, N_, Translator
from core.models import Technician
from core.queries import canned
from core.render.words import SERVICE_WORDS
from core.rules.canned import COMPANY, CUSTOMER, TECHNICIAN, TICKET, VARIABLES, fill
from core.rules.services import Service

HOME = "/settings/canned"


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit, Form(values={"is_enabled": "on"}))


async def show_one(request: Request, visit: Visit) -> Response:
    async with visit.database.read() as session:
        answer = await canned.by_id(session, request.path_params["id"])
    return await _page(request, visit, Form(values=actions.written(answer)))


async def add(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    if form.text("preview"):
        return await _page(request, visit, form)
    try:
        await forms.carry_out(visit, form, lambda session, actor: actions.add(session, actor, _wording(form)))
    except (InvalidError, ConflictError) as refusal:
        return await _page(request, visit, form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{HOME}?done=1", status_code=303)


async def save(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    answer_id = request.path_params["id"]
    async with visit.database.read() as session:
        await canned.by_id(session, answer_id)
    if form.text("preview"):
        return await _page(request, visit, form)

    async def act(session: WriteSession, actor: Technician) -> None:
        answer = await canned.by_id(session, answer_id, lock=True)
        await actions.edit(session, actor, answer, _wording(form), seen=settings.seen(form))

    try:
        await forms.carry_out(visit, form, act)
    except (InvalidError, ConflictError) as refusal:
        return await _page(request, visit, form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"{HOME}?done=1", status_code=303)


async def _page(request: Request, visit: Visit, form: Form, *, refusal: DeskError | None = None) -> Response:
    answer_id = request.path_params.get("id")
    async with visit.database.read() as session:
        listed = await canned.listed(session)
    written = next((actions.written(answer) for answer in listed if answer.id == answer_id), {})
    return settings.page(
        visit,
        "canned",
        refusal=refusal,
        needs="edit_canned_answers",
        form=form,
        listed=listed,
        edited=answer_id,
        seen=settings.sees(form, refusal, written),
        changed=settings.changed(refusal, _labels(visit.t), _words(visit.t)),
        languages=LANGUAGES,
        variables=VARIABLES,
        preview=_preview(visit, form),
        done=bool(request.query_params.get("done")),
    )


def _labels(t: Translator) -> Fields:
    texts = {f"text_{language}": t(words) for language, words in LANGUAGE_WORDS.items()}
    labels = {
        "title": N_("Title"),
        "shortcut": N_("Shortcut"),
        "service": N_("Offered for"),
        "is_enabled": N_("State"),
    }
    return texts | {name: t(words) for name, words in labels.items()}


def _words(t: Translator) -> Mapping[str, Fields]:
    services = {service.value: t(words) for service, words in SERVICE_WORDS.items()}
    return {
        "service": {"": t("All services"), **services},
        "is_enabled": {"on": t("Offered"), "": t("Not offered")},
    }


def _preview(visit: Visit, form: Form) -> Mapping[str, str]:
    """The texts with names in them, as a customer would read them."""
    sample = {
        CUSTOMER: "Ada",
        COMPANY: "Comercial Andina",
        TICKET: "#1042",
        TECHNICIAN: visit.technician.name,
    }
    texts = {language: fill(form.text(f"text_{language}").strip(), sample) for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _wording(form: Form) -> Wording:
    service = form.text("service")
    return Wording(
        title=form.line("title"),
        shortcut=form.line("shortcut").removeprefix("/").lower(),
        texts={language: form.text(f"text_{language}").strip() for language in LANGUAGES},
        service=Service(service) if service in set(Service) else None,
        is_enabled=bool(form.text("is_enabled")),
    )
