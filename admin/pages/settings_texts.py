"""Settings: what customers read, in the desk's own words."""

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import texts as actions
from core.clock import now
from core.db import WriteSession
from core.errors import DeskError, NotFoundError
from core.i18n import LANGUAGES, N_
from core.models import Technician
from core.queries import hours, texts
from core.render.hours import week_words
from core.render.texts import TEXTS, default
from core.rules.texts import VARIABLES, Text, fill

LANGUAGE_WORDS = {"es": N_("In Spanish"), "en": N_("In English")}
SAMPLE_COMPANY = "Comercial Andina"


async def show(request: Request, visit: Visit) -> Response:
    t = visit.t
    async with visit.database.read() as session:
        own = await texts.own_words(session)
        samples = await _samples(visit, t.language)
    shown = {text: fill(own.get((text.value, t.language), default(text, t)), samples) for text in Text}
    changed = {name for name, _ in own}
    return settings.page(visit, "texts", texts=TEXTS, shown=shown, own=changed)


async def show_one(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def preview(request: Request, visit: Visit) -> Response:
    """What was typed, as a customer would read it; nothing is saved."""
    form, text = await forms.signed(request, visit), _text(request)
    try:
        for language in LANGUAGES:
            actions.checked(text, form.text(language), language)
    except DeskError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return await _page(request, visit, form=form)


async def save(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    return await _save(request, visit, form, {language: form.text(language) for language in LANGUAGES})


async def reset(request: Request, visit: Visit) -> Response:
    """Back to our words."""
    return await _save(request, visit, await forms.signed(request, visit), {})


async def _save(request: Request, visit: Visit, form: Form, wanted: Mapping[str, str]) -> Response:
    text = _text(request)

    async def act(session: WriteSession, actor: Technician) -> None:
        await actions.set_text(session, actor, text, wanted, seen=settings.seen(form), office=visit.office)

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse(f"/settings/texts/{text}?done=1", status_code=303)


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    text = _text(request)
    async with visit.database.read() as session:
        written = await actions.written(session, text, office=visit.office)
    typed = {language: form.text(language) if form else written[language] for language in LANGUAGES}
    seen = {
        language: fill(typed[language].strip() or written[language], await _samples(visit, language))
        for language in LANGUAGES
    }
    return settings.page(
        visit,
        "texts",
        template="text",
        refusal=refusal,
        form=form or Form(),
        changed=settings.changed(refusal, {key: visit.t(words) for key, words in LANGUAGE_WORDS.items()}),
        text=text,
        named=TEXTS[text],
        variables=VARIABLES[text],
        languages=LANGUAGE_WORDS,
        written=written,
        seen=json.dumps(written),
        preview=seen,
        is_own=any(words != default(text, visit.office.translators[key]) for key, words in written.items()),
        done=bool(request.query_params.get("done")),
    )


async def _samples(visit: Visit, language: str) -> Mapping[str, str]:
    """What a customer's message would be filled in with."""
    t = visit.office.translators[language]
    async with visit.database.read() as session:
        calendar = await hours.calendar(session, t.timezone)
    return {
        "desk": visit.office.name,
        "company": SAMPLE_COMPANY,
        "hours": week_words(calendar, t, at=now()),
    }


def _text(request: Request) -> Text:
    name = request.path_params["name"]
    if name not in set(Text):
        raise NotFoundError
    return Text(name)
