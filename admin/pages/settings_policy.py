"""Settings: how the desk works."""

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import policies
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import DeskError
from core.i18n import Translator
from core.models import Technician
from core.queries import policy
from core.render.words import POLICY_WORDS, SERVICE_WORDS, STATE_WORDS
from core.rules.policy import BOUNDS, CHOICES, choice_name


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def save(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    names = [*BOUNDS, "files_mandatory", *map(choice_name, CHOICES)]
    wanted = {name: form.line(name) for name in names}

    async def act(session: WriteSession, actor: Technician) -> None:
        await policies.set_policy(session, actor, wanted, seen=settings.seen(form))

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse("/settings/policy?done=1", status_code=303)


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    async with visit.database.read() as session:
        written = policy.written(await policy.desk_policy(session))
    shown = form.values if form else written
    return settings.page(
        visit,
        "policy",
        refusal=refusal,
        form=form or Form(),
        changed=settings.changed(refusal, _labels(visit.t)),
        written=written,
        seen=json.dumps(written),
        ticked={name for name in written if shown.get(name) == "on"},
        numbers=BOUNDS,
        choices=[(service, closure, choice_name((service, closure))) for service, closure in CHOICES],
        words=POLICY_WORDS,
        done=bool(request.query_params.get("done")),
    )


def _labels(t: Translator) -> Fields:
    labels = {name: t(label) for name, (label, _) in POLICY_WORDS.items()}
    choices = {
        choice_name((service, closure)): f"{t(SERVICE_WORDS[service])}, {t(STATE_WORDS[closure.state])}"
        for service, closure in CHOICES
    }
    return labels | choices
