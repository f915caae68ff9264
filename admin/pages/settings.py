"""The desk's settings: what every section of them shares."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from admin.errors import status_of
from admin.forms import Form
from admin.panel import Visit
from core.actions.desk_settings import Fields, StaleError
from core.errors import DeskError
from core.i18n import N_


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the settings, as the list beside them shows it."""

    name: str
    path: str
    title: str


SECTIONS: Sequence[Section] = (
    Section("hours", "/settings", N_("Hours and holidays")),
    Section("desk", "/settings/desk", N_("Name and logo")),
    Section("offer", "/settings/offer", N_("Services and products")),
    Section("texts", "/settings/texts", N_("Texts")),
    Section("policy", "/settings/policy", N_("Policies")),
    Section("canned", "/settings/canned", N_("Canned answers")),
    Section("webhooks", "/settings/webhooks", N_("Webhooks")),
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that somebody else has changed since the page was opened."""

    label: str
    before: str
    after: str


def page(
    visit: Visit,
    section: str,
    *,
    template: str = "",
    refusal: DeskError | None = None,
    needs: str = "edit_settings",
    **values: Any,
) -> Response:
    """``settings/<section>.html``, or another template of the section, with the list of all sections beside it."""
    return visit.page(
        f"settings/{template or section}.html",
        status=status_of(refusal) if refusal else 200,
        sections=SECTIONS,
        section=section,
        can_edit=visit.may(needs),
        **values,
    )


def seen(form: Form) -> Fields:
    """What stood in the form when its page was opened; nothing where that cannot be read."""
    try:
        found = json.loads(form.text("seen"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def sees(form: Form | None, refusal: DeskError | None, written: Fields) -> str:
    """What a form says it is filled in on: ``written``; of a refused one what it was shown, and no more."""
    if form is None or "seen" not in form.values:
        return json.dumps(written)
    shown = {name: after for name, (_, after) in refusal.changed.items()} if isinstance(refusal, StaleError) else {}
    return json.dumps({**seen(form), **shown})


def changed(
    refusal: DeskError | None, labels: Fields, words: Mapping[str, Mapping[str, str]] | None = None
) -> Sequence[Changed]:
    """What to show of a stale form; ``words``: of a field that is chosen, what its values are called."""
    if not isinstance(refusal, StaleError):
        return ()
    called = words or {}
    return [
        Changed(labels.get(name, name), *(called.get(name, {}).get(value, value) for value in values))
        for name, values in refusal.changed.items()
    ]
