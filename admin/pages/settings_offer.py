"""Settings: which services the desk offers, and for which products."""

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin import forms
from admin.forms import Form
from admin.pages import settings
from admin.panel import Visit
from core.actions import offer
from core.actions.desk_settings import Fields
from core.db import WriteSession
from core.errors import DeskError
from core.i18n import N_, Translator
from core.models import Technician
from core.queries import policy
from core.render.words import SERVICE_WORDS
from core.rules.services import Service


async def show(request: Request, visit: Visit) -> Response:
    return await _page(request, visit)


async def save(request: Request, visit: Visit) -> Response:
    form = await forms.signed(request, visit)
    wanted = {name: form.line(name) for name in form.values if name.startswith(("service-", "product-", "new-"))}

    async def act(session: WriteSession, actor: Technician) -> None:
        await offer.set_offer(session, actor, wanted, seen=settings.seen(form))

    try:
        await forms.carry_out(visit, form, act)
    except DeskError as refusal:
        return await _page(request, visit, form=form.refuse(refusal, visit.t), refusal=refusal)
    return RedirectResponse("/settings/offer?done=1", status_code=303)


async def _page(
    request: Request, visit: Visit, *, form: Form | None = None, refusal: DeskError | None = None
) -> Response:
    async with visit.database.read() as session:
        written = await policy.written_offer(session)
        products = await policy.all_products(session)
    shown = form.values if form else written
    return settings.page(
        visit,
        "offer",
        refusal=refusal,
        form=form or Form(),
        changed=settings.changed(refusal, _labels(visit.t, written)),
        products={service: [product for product in products if product.service is service] for service in Service},
        written=written,
        seen=json.dumps(written),
        ticked={name for name in written if shown.get(name) == "on"},
        done=bool(request.query_params.get("done")),
    )


def _labels(t: Translator, written: Fields) -> Fields:
    services = {f"service-{service}": t(words) for service, words in SERVICE_WORDS.items()}
    offered = {
        name: t(N_("%(product)s, offered"), product=written[name.removesuffix("-on")])
        for name in written
        if name.startswith("product-") and name.endswith("-on")
    }
    return {name: value for name, value in written.items() if name.startswith("product-")} | services | offered
