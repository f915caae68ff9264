"""Words as they are found: case and accents aside, and by their Spanish stems; the same for every database.

A text becomes tokens of letters and digits only. Tokens that begin with ``_`` are ours (a number, a company, a word
of an internal note): no text and no question can make one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

LONGEST = 40  # signs of a token; of what is longer the beginning counts
_NOTE = "_n"

_RAW = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")  # a letter may come apart from its accent
_PLAIN = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("spanish")


@dataclass(frozen=True)
class Mark:
    """A token to look for, or the beginning of one."""

    token: str
    is_beginning: bool = False

    def is_in(self, tokens: Iterable[str]) -> bool:
        return any(token.startswith(self.token) if self.is_beginning else token == self.token for token in tokens)


Term = tuple[Mark, ...]  # any of these


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt, and whether it is what was looked for."""

    text: str
    is_match: bool = False


def fold(text: str) -> str:
    """Case and accents aside: ``Facturación`` → ``facturacion``."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def tokens(text: str) -> Iterator[str]:
    """Everything under which a text is found, with repetitions."""
    for raw in _RAW.findall(text):
        yield from _forms(raw)


def terms(text: str) -> list[Term]:
    """What somebody looks for with these words: each as the beginning of a word, or as another form of it."""
    return [term for raw in _RAW.findall(text) for term in _terms(raw)]


def number_token(number: int) -> str:
    return f"_t{number}"


def company_token(company_id: int) -> str:
    return f"_c{company_id}"


def person_token(person_id: int) -> str:
    return f"_p{person_id}"


def of_note(token: str) -> str:
    """The same word where only the desk finds it."""
    return _NOTE + token


def with_notes(term: Term) -> Term:
    """The term as the desk means it: in internal notes, too."""
    inside = [Mark(of_note(mark.token), mark.is_beginning) for mark in term if not mark.token.startswith("_")]
    return (*term, *inside)


def excerpt(text: str, wanted: Sequence[Term], *, around: int) -> tuple[Piece, ...]:
    """The place of a text that says what was looked for, with ``around`` signs on both sides; empty: it does not."""
    text = " ".join(text.split())
    found = [match.span() for match in _RAW.finditer(text) if _is_wanted(match[0], wanted)]
    if not found:
        return ()
    start, end = _window(text, found[0], around)
    pieces = [Piece("… ")] if start else []
    at = start
    for first, last in found:
        if last > end:
            break
        pieces += [Piece(text[at:first]), Piece(text[first:last], is_match=True)]
        at = last
    pieces.append(Piece(text[at:end] + (" …" if end < len(text) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _window(text: str, found: tuple[int, int], around: int) -> tuple[int, int]:
    """Where an excerpt begins and ends: between words where there is a gap near enough."""
    first, last = found
    start, end = max(0, first - around), min(len(text), last + around)
    if start:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text):
        gap = text.rfind(" ", last, end)
        end = gap if gap > 0 else end
    return start, end


def _is_wanted(raw: str, wanted: Sequence[Term]) -> bool:
    forms = _forms(raw)
    return any(mark.is_in(forms) for term in wanted for mark in term)


@lru_cache(maxsize=50_000)
def _forms(raw: str) -> tuple[str, ...]:
    parts = _parts(raw)
    return (*parts, *_stems(raw, parts[0])) if len(parts) == 1 else parts


def _terms(raw: str) -> list[Term]:
    parts = _parts(raw)
    found = [(Mark(part, is_beginning=len(part) > 1),) for part in parts]
    if len(parts) == 1:
        return [(*found[0], *(Mark(stem) for stem in _stems(raw, parts[0])))]
    return list(found)


def _parts(raw: str) -> tuple[str, ...]:
    return tuple(part[:LONGEST] for part in _PLAIN.findall(fold(raw)))


def _stems(raw: str, plain: str) -> tuple[str, ...]:
    """The accented word and the stripped one have different stems: whoever writes without accents is found, too."""
    if not plain.isalpha():
        return ()
    accented = unicodedata.normalize("NFC", raw.lower())
    found = {fold(_stemmer.stemWord(accented))[:LONGEST], _stemmer.stemWord(plain)[:LONGEST]}
    return tuple(sorted(stem for stem in found - {plain} if _PLAIN.fullmatch(stem)))
