"""Words that are said often: their shortcut, and the variables a ticket fills."""

import re
from collections.abc import Mapping, Sequence

CUSTOMER, COMPANY, TICKET, TECHNICIAN = "cliente", "empresa", "ticket", "tecnico"
VARIABLES: Sequence[str] = (CUSTOMER, COMPANY, TICKET, TECHNICIAN)
TITLE_LONGEST = 80
TEXT_LONGEST = 4000

_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_SHORTCUT = re.compile(r"[a-zñáéíóúü0-9-]{2,30}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables' values; what is none stays as it is written."""
    return _VARIABLE.sub(lambda found: values.get(found[1].lower(), found[0]), text)


def unknown(text: str) -> Sequence[str]:
    """What stands in the text like a variable and is none."""
    return [name for name in _VARIABLE.findall(text) if name.lower() not in VARIABLES]


def is_shortcut(text: str) -> bool:
    """Small letters, digits and hyphens: it is typed after a slash."""
    return _SHORTCUT.fullmatch(text) is not None


def in_language(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """The text in the first of the languages that has one, else in whichever there is."""
    return next((texts[language] for language in languages if texts.get(language)), next(iter(texts.values()), ""))
