"""The texts a desk may put in its own words, and what each of them must go on saying."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

LONGEST = 600
_VARIABLE = re.compile(r"\{(\w+)\}")


class Text(StrEnum):
    """One text customers read."""

    DOOR = "door"
    FIRST_WELCOME = "first-welcome"
    WELCOME = "welcome"
    SUPPORT_PRICE = "support-price"
    DEVELOPMENT_PRICE = "development-price"
    HOURS = "hours"
    SENT = "sent"
    CLOSING = "closing"
    RATING = "rating"
    HELP = "help"


# what the desk fills in: it must stand in the text, whatever else does
VARIABLES: Mapping[Text, tuple[str, ...]] = {
    Text.DOOR: ("desk",),
    Text.FIRST_WELCOME: ("company",),
    Text.WELCOME: ("company",),
    Text.SUPPORT_PRICE: (),
    Text.DEVELOPMENT_PRICE: (),
    Text.HOURS: ("hours",),
    Text.SENT: (),
    Text.CLOSING: (),
    Text.RATING: (),
    Text.HELP: (),
}


def fill(words: str, values: Mapping[str, object]) -> str:
    """The words with every ``{name}`` replaced that has a value."""
    return _VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), words)


def braced(source: str) -> str:
    """A text of the catalogs as the desk writes it: ``{company}`` for ``%(company)s``."""
    return re.sub(r"%\((\w+)\)s", r"{\1}", source)


def missing(text: Text, words: str) -> Sequence[str]:
    """The variables that must stand in the words and do not."""
    return [name for name in VARIABLES[text] if name not in _VARIABLE.findall(words)]


def unknown(text: Text, words: str) -> Sequence[str]:
    """What looks like a variable and is none of this text."""
    return [name for name in _VARIABLE.findall(words) if name not in VARIABLES[text]]
