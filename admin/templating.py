"""The templates of the panel: autoescaped, and a name that is missing is an error."""

import hashlib
from collections.abc import Callable, MutableMapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context

from admin.compiling import Answers, Macros, in_one_piece, macros_of
from admin.menu import DAILY, SELDOM
from admin.sheets import content
from core.actions.submissions import new_submission
from core.i18n import Translator
from core.render import labels, roster
from core.render.alarms import LEVEL_WORDS, place, wrong
from core.render.requests import APPOINTMENT_WORDS, ASKS_WORDS
from core.render.troubles import CHANNEL_WORDS, standing, tried, why
from core.render.words import (
    CLOSURE_CAUSES,
    DELIVERY_WORDS,
    OUTCOME_WORDS,
    PROOF_WORDS,
    REFUSAL_WORDS,
    SERVICE_WORDS,
    STATE_WORDS,
    WAITING_WORDS,
)
from core.rules.refusals import WORDS_MISSING, Refusal
from core.rules.states import CLOSED

TEMPLATES = Path(__file__).parent / "templates"

# What templates are made of, and what it is called by there.
MACROS = {"_fields.html": "fields.", "_icons.html": "", "_logo.html": "", "ticket/_numbers.html": "numbers."}


class _Context(Context):
    """What templates call never asks for the context, so nobody looks whether it does."""

    def call(
        self,
        called: Callable[..., Any],
        /,
        *values: Any,
        _block_vars: Any = None,
        _loop_vars: Any = None,
        **named: Any,
    ) -> Any:
        return called(*values, **named)


class _Templates(Environment):
    """Each template is compiled once, as one piece in the words of one language."""

    context_class = _Context
    answers: Answers
    macros: Macros

    def compile(self, source: Any, *arguments: Any, **options: Any) -> Any:
        tree = self.parse(source, *arguments[:2]) if isinstance(source, str) else source
        return super().compile(in_one_piece(self, tree, self.answers, self.macros), *arguments, **options)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """As one mapping: Jinja2's chain of two is walked name by name for each page and each line of one."""
        return {**self.globals, **(d or {})}


@cache
def environment(language: str) -> Environment:
    """One for the process and the language of the panel."""
    templates = _Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.answers = {"t": Translator(language), "static": static_address}
    templates.macros = {}
    templates.globals |= {
        "static": static_address,
        "new_submission": new_submission,
        "DAILY": DAILY,
        "SELDOM": SELDOM,
        "STATE_WORDS": STATE_WORDS,
        "CHANNEL_WORDS": CHANNEL_WORDS,
        "CLOSURE_CAUSES": CLOSURE_CAUSES,
        "DELIVERY_WORDS": DELIVERY_WORDS,
        "OUTCOME_WORDS": OUTCOME_WORDS,
        "APPOINTMENT_WORDS": APPOINTMENT_WORDS,
        "ASKS_WORDS": ASKS_WORDS,
        "PROOF_WORDS": PROOF_WORDS,
        "standing": standing,
        "tried": tried,
        "why": why,
        "SERVICE_WORDS": SERVICE_WORDS,
        "WAITING_WORDS": WAITING_WORDS,
        "REFUSAL_WORDS": REFUSAL_WORDS,
        "WORDS_MISSING": WORDS_MISSING,
        "Refusal": Refusal,
        "CLOSED": CLOSED,
        "LEVEL_WORDS": LEVEL_WORDS,
        "alarm_wrong": wrong,
        "alarm_place": place,
        "line_problem": roster.problem,
        "line_doubt": roster.doubt,
    }
    templates.filters |= {"file_label": labels.label, "is_program": labels.PROGRAMS.__contains__}
    templates.filters |= {"segment": _segment, "moment": datetime.fromisoformat}
    fields, icons, _, numbers = (templates.get_template(name).module for name in MACROS)
    templates.globals |= {"fields": fields, "numbers": numbers}
    templates.globals |= {name: getattr(icons, name) for name in ("icon", "empty")}
    for name, prefix in MACROS.items():
        templates.macros |= macros_of(templates, name, prefix)
    return templates


def _segment(text: str) -> str:
    """A name as the last part of an address; dots alone would climb out of it."""
    text = "".join(sign for sign in text if sign.isprintable())
    return quote(text, safe="") if text.strip(".") else "archivo"


@cache
def static_address(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it."""
    digest = hashlib.sha256(content(name)).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
