"""Where a text may be cut without breaking a character as people see it (UAX #29, on the safe side).

Where the standard allows a cut and this does not (after any zero-width joiner, inside every conjunct of
Indic scripts), a piece ends a little earlier and nothing is lost.
"""

import unicodedata
from collections.abc import Mapping
from enum import Enum, auto

_ZWNJ = "\u200c"
_ZWJ = "\u200d"
_VIRAMA = 9  # canonical combining class

_MARKS = frozenset({"Mn", "Me", "Mc"})
_CONTROLS = frozenset({"Cc", "Cf", "Zl", "Zp"})
_PREPENDED = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_VOICED = frozenset("\uff9e\uff9f")  # half-width katakana sound marks


class _Hangul(Enum):
    LEADING = auto()
    VOWEL = auto()
    TRAILING = auto()
    OPEN = auto()  # a syllable without a final consonant
    FULL = auto()


_HANGUL_JOINS: Mapping[_Hangul, frozenset[_Hangul]] = {
    _Hangul.LEADING: frozenset({_Hangul.LEADING, _Hangul.VOWEL, _Hangul.OPEN, _Hangul.FULL}),
    _Hangul.VOWEL: frozenset({_Hangul.VOWEL, _Hangul.TRAILING}),
    _Hangul.OPEN: frozenset({_Hangul.VOWEL, _Hangul.TRAILING}),
    _Hangul.TRAILING: frozenset({_Hangul.TRAILING}),
    _Hangul.FULL: frozenset({_Hangul.TRAILING}),
}

_HANGUL_BLOCKS: tuple[tuple[str, str, _Hangul], ...] = (
    ("\u1100", "\u115f", _Hangul.LEADING),
    ("\ua960", "\ua97c", _Hangul.LEADING),
    ("\u1160", "\u11a7", _Hangul.VOWEL),
    ("\ud7b0", "\ud7c6", _Hangul.VOWEL),
    ("\u11a8", "\u11ff", _Hangul.TRAILING),
    ("\ud7cb", "\ud7fb", _Hangul.TRAILING),
)


def is_boundary(text: str, index: int) -> bool:
    """Whether a cut before text[index] leaves grapheme clusters and surrogate pairs whole."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if before == "\r" and after == "\n":
        return False
    if _is_control(before) or _is_control(after):
        return True
    if _is_regional(before) and _is_regional(after):
        return _regionals_before(text, index) % 2 == 0
    return not (_continues(after) or _draws_on(before, after) or _joins_hangul(before, after))


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in _CONTROLS and not _continues(sign) and sign not in _PREPENDED


def _continues(sign: str) -> bool:
    """Marks, joiners, variation selectors, skin tones and tags belong to what stands before them."""
    return (
        unicodedata.category(sign) in _MARKS
        or sign in (_ZWJ, _ZWNJ)
        or sign in _VOICED
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
        or "\U000e0020" <= sign <= "\U000e007f"
    )


def _draws_on(before: str, after: str) -> bool:
    """Whether `before` holds on to what follows it: joiners, prepended signs, conjuncts, half a pair."""
    if before == _ZWJ or before in _PREPENDED:
        return not after.isspace()  # a space may always be trimmed
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after) == "Lo"
    return "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"


def _is_regional(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _regionals_before(text: str, index: int) -> int:
    """How many regional indicators stand in a row before text[index]: flags are pairs of them."""
    first = index
    while first and _is_regional(text[first - 1]):
        first -= 1
    return index - first


def _joins_hangul(before: str, after: str) -> bool:
    kind = _hangul(before)
    return kind is not None and _hangul(after) in _HANGUL_JOINS[kind]


def _hangul(sign: str) -> _Hangul | None:
    if "\uac00" <= sign <= "\ud7a3":
        return _Hangul.FULL if (ord(sign) - 0xAC00) % 28 else _Hangul.OPEN
    return next((kind for first, last, kind in _HANGUL_BLOCKS if first <= sign <= last), None)
