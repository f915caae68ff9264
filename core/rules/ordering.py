"""How names stand in a list: by the letters of Spanish, case and accents aside, the same on every database."""

import re
import unicodedata

from core.rules.words import fold

SORT_KEY_LONGEST = 400
_WORD = re.compile(r"[^\W_]+")
_BEHIND_N = "n~"  # after every n, before o: the sign comes behind all letters


def sort_key(name: str) -> str:
    """What a name is sorted by, sign by sign: quotes and points do not count, ñ is a letter of its own."""
    words = _WORD.findall(unicodedata.normalize("NFC", name).casefold())
    keys = (_BEHIND_N.join(fold(part) for part in word.split("ñ")) for word in words)
    return " ".join(keys)[:SORT_KEY_LONGEST]
