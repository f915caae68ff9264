"""The templates of the panel: autoescaped, and a name that is missing is an error."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer

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

# What templates are made of; an import in each of them would cost more than what it brings.
MACROS = ("_fields.html", "_icons.html", "ticket/_numbers.html")


class _Said(NodeTransformer):
    """Puts in what a call like ``t("Tickets")`` answers: it is the same at each page."""

    def __init__(self, answers: Mapping[str, Callable[[str], str]]) -> None:
        self._answers = answers

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own name
        found = self.generic_visit(call)
        match call:
            case nodes.Call(
                node=nodes.Name(name=name), args=[nodes.Const(value=str(words))], kwargs=[], dyn_args=None
            ) if name in self._answers and call.dyn_kwargs is None:
                return nodes.Const(self._answers[name](words), lineno=call.lineno, environment=call.environment)
        return found


class _Included(NodeTransformer):
    """Puts in what a page includes: a context of its own for each part took longer than most parts do."""

    def __init__(self, templates: Environment) -> None:
        assert templates.loader is not None
        self._templates, self._loader = templates, templates.loader

    def visit_Include(self, include: nodes.Include) -> nodes.Node:  # noqa: N802 - the visitor's own name
        assert isinstance(include.template, nodes.Const), "a page says by name what it includes"
        name = include.template.value
        source, filename, _ = self._loader.get_source(self._templates, name)
        body = self.visit(self._templates.parse(source, name, filename)).body
        return nodes.Scope(body, lineno=include.lineno, environment=self._templates)


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
    said: _Said

    def compile(self, source: Any, *arguments: Any, **options: Any) -> Any:
        tree = self.parse(source, *arguments[:2]) if isinstance(source, str) else source
        return super().compile(self.said.visit(_Included(self).visit(tree)), *arguments, **options)


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
    templates.said = _Said({"t": Translator(language), "static": static_address})
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
    fields, icons, numbers = (templates.get_template(name).module for name in MACROS)
    templates.globals |= {"fields": fields, "numbers": numbers}
    templates.globals |= {name: getattr(icons, name) for name in ("icon", "empty")}
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
