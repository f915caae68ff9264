"""Reads what a tap says, and knows the words of the menu in every language."""

import re

from core.i18n import LANGUAGES, N_, Translator
from core.render.buttons import Tap

NEW_TICKET = N_("New ticket")
MY_TICKETS = N_("My tickets")
COMPANY_TICKETS = N_("Company tickets")
SEARCH = N_("Search")
PREFERENCES = N_("Preferences")
LOG_OUT = N_("Log out")
SWITCH = N_("Switch company")
SWITCH_TO = N_("Switch to %(company)s")
SHARE_NUMBER = N_("Share my number")

MENU = ((NEW_TICKET, MY_TICKETS), (COMPANY_TICKETS, SEARCH), (PREFERENCES, LOG_OUT))


def read(data: str) -> tuple[Tap, tuple[str, ...]] | None:
    """The tap and its arguments, or None for a button of another time."""
    word, *arguments = data.split(":")
    return (Tap(word), tuple(arguments)) if word in set(Tap) else None


def menu_labels(t: Translator, *, switch: str = "") -> list[list[str]]:
    """The main menu; ``switch`` is the label of one more row for whoever acts for several companies."""
    labels = [[t(label) for label in row] for row in MENU]
    return [*labels, [switch]] if switch else labels


def menu_word(text: str) -> str | None:
    """The menu entry a text stands for, in whatever language and with an emoji in front or not."""
    return _WORDS.get(bare(text))


def is_switch(text: str) -> bool:
    """Whether the text is the menu's row for changing the company, in whatever language."""
    return bare(text) in _SWITCH


def switches_to(text: str, company: str) -> bool:
    """Whether the text is the menu's row that names this company."""
    return any(bare(text) == bare(Translator(language)(SWITCH_TO, company=company)) for language in LANGUAGES)


def is_order(text: str) -> bool:
    """Whether the words are a command or an entry of the menu."""
    return text.startswith("/") or menu_word(text) is not None


def says(text: str, label: str) -> bool:
    """Whether somebody has typed this label, in whatever language."""
    return any(bare(text) == bare(Translator(language)(label)) for language in LANGUAGES)


def bare(text: str) -> str:
    return _AHEAD.sub("", text).strip().casefold()


_AHEAD = re.compile(r"\A[\W_]+")  # an emoji, blanks


_SWITCH = {bare(Translator(language)(SWITCH)) for language in LANGUAGES}
_WORDS = {bare(Translator(language)(label)): label for language in LANGUAGES for row in MENU for label in row}
