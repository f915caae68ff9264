"""The templates of the panel: autoescaped, and a name that is missing is an error."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admin.menu import DAILY, SELDOM
from core.render import labels, roster
from core.render.alarms import LEVEL_WORDS, place, wrong
from core.render.requests import APPOINTMENT_WORDS, ASKS_WORDS
from core.render.troubles import CHANNEL_WORDS, TRY_WORDS, why
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
from core.rules.closures import WORDS_MISSING, Refusal
from core.rules.states import CLOSED

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


@cache
def environment() -> Environment:
    """One for the process: each template is compiled once."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "static": static_address,
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
        "TRY_WORDS": TRY_WORDS,
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
    return templates


def _segment(text: str) -> str:
    """A name as the last part of an address; dots alone would climb out of it."""
    text = "".join(sign for sign in text if sign.isprintable())
    return quote(text, safe="") if text.strip(".") else "archivo"


@cache
def static_address(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
