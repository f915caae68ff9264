"""What somebody looks for: a number, words, states and dates, as people type them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from core.rules.asked_dates import Days, read_days
from core.rules.states import CLOSED, State
from core.rules.words import Mark, Term, fold, number_token, terms

TERMS_LIMIT = 8
NUMBER_DIGITS = 9

OPEN = frozenset(State) - CLOSED

# phrases without accents, the longest first where one begins another
_STATES: Mapping[tuple[str, ...], frozenset[State]] = {
    ("cerrado", "por", "garantia"): frozenset({State.WARRANTY}),
    ("cerrados", "por", "garantia"): frozenset({State.WARRANTY}),
    ("closed", "under", "warranty"): frozenset({State.WARRANTY}),
    ("por", "garantia"): frozenset({State.WARRANTY}),
    ("under", "warranty"): frozenset({State.WARRANTY}),
    ("cerrado", "por", "implementacion"): frozenset({State.IMPLEMENTATION}),
    ("cerrados", "por", "implementacion"): frozenset({State.IMPLEMENTATION}),
    ("closed", "as", "implementation"): frozenset({State.IMPLEMENTATION}),
    ("por", "implementacion"): frozenset({State.IMPLEMENTATION}),
    ("cerrado", "sin", "exito"): frozenset({State.UNSUCCESSFUL}),
    ("cerrados", "sin", "exito"): frozenset({State.UNSUCCESSFUL}),
    ("closed", "without", "success"): frozenset({State.UNSUCCESSFUL}),
    ("sin", "exito"): frozenset({State.UNSUCCESSFUL}),
    ("cerrado", "y", "facturado"): frozenset({State.INVOICED}),
    ("cerrados", "y", "facturados"): frozenset({State.INVOICED}),
    ("closed", "and", "invoiced"): frozenset({State.INVOICED}),
    ("pendiente", "de", "recordatorio"): frozenset({State.PENDING}),
    ("pending", "reminder"): frozenset({State.PENDING}),
    ("facturado",): frozenset({State.INVOICED}),
    ("facturados",): frozenset({State.INVOICED}),
    ("invoiced",): frozenset({State.INVOICED}),
    ("abiertos",): OPEN,
    ("abiertas",): OPEN,
    ("cerrados",): CLOSED,
    ("cerradas",): CLOSED,
    ("nuevos",): frozenset({State.NEW}),
    ("pendientes",): frozenset({State.PENDING}),
}
# in a sentence these are words ("el usuario nuevo"), alone they are states
_ALONE: Mapping[str, frozenset[State]] = {
    "abierto": OPEN,
    "open": OPEN,
    "cerrado": CLOSED,
    "closed": CLOSED,
    "nuevo": frozenset({State.NEW}),
    "new": frozenset({State.NEW}),
    "pendiente": frozenset({State.PENDING}),
    "pending": frozenset({State.PENDING}),
}
# nobody means these, and a ticket need not contain them
_SMALL = frozenset(
    {"a", "al", "de", "del", "el", "en", "la", "las", "lo", "los", "un", "una", "y", "o", "con", "para", "por"}
    | {"que", "se", "su", "mi", "mis", "no", "and", "for", "in", "of", "on", "the", "to"}
    | {"ticket", "tickets", "numero", "nro"}
)
_CLEAR_NUMBER = re.compile(r"#(\d{1,9})")


@dataclass(frozen=True)
class DaysOrWords:
    """``octubre``: the month a ticket was opened in, or a word that it says."""

    days: Days
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Asked:
    """All of it must hold. ``number``: the whole question is the number of a ticket, perhaps.

    ``is_readable``: False where there is a question, but no word in it; nothing answers that.
    """

    number: int | None = None
    terms: tuple[Term, ...] = ()
    states: frozenset[State] | None = None
    opened: Days | None = None
    either: tuple[DaysOrWords, ...] = ()
    is_readable: bool = True

    @property
    def all_terms(self) -> tuple[Term, ...]:
        return (*self.terms, *(term for one in self.either for term in one.terms))


EVERYTHING = Asked()


@dataclass
class _Reading:
    chunks: Sequence[str]
    today: date
    terms: list[Term] = field(default_factory=list)
    small: list[Term] = field(default_factory=list)
    states: frozenset[State] = frozenset()
    opened: Days | None = None
    either: list[DaysOrWords] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.states or self.opened or self.either)


def read(text: str, *, now: datetime) -> Asked:
    """Read a question; ``now`` in the time zone whose days are meant."""
    chunks = [chunk for word in text.split() if (chunk := word.strip(",;:.¿?¡!()\"'«»"))]
    if len(chunks) == 1 and (alone := _ALONE.get(fold(chunks[0]))):
        return Asked(states=alone)
    reading = _Reading(chunks, now.date())
    at = 0
    while at < len(chunks):
        at = _take(reading, at)
    if reading.is_empty:
        reading.terms = reading.small
    return Asked(
        number=_number(chunks),
        terms=tuple(reading.terms[:TERMS_LIMIT]),
        states=reading.states or None,
        opened=reading.opened,
        either=tuple(reading.either),
        is_readable=not text.strip() or not reading.is_empty,
    )


def _take(reading: _Reading, at: int) -> int:
    """Read what stands at a place; the place after it."""
    chunk = reading.chunks[at]
    plain = [fold(chunk) for chunk in reading.chunks[at : at + 10]]
    days = read_days(plain, today=reading.today)
    if days is not None:
        if days.may_be_words:
            reading.either.append(DaysOrWords(days.days, tuple(terms(chunk))))
        else:
            reading.opened = days.days
        return at + days.length
    for phrase, states in _STATES.items():
        if tuple(plain[: len(phrase)]) == phrase:
            reading.states |= states
            return at + len(phrase)
    if (clear := _CLEAR_NUMBER.fullmatch(chunk)) is not None:
        reading.terms.append((Mark(number_token(int(clear[1]))),))
    elif chunk.isascii() and chunk.isdigit() and len(chunk) <= NUMBER_DIGITS:
        reading.terms.append((*terms(chunk)[0], Mark(number_token(int(chunk)))))
    elif plain[0] in _SMALL:
        reading.small += terms(chunk)
    else:
        reading.terms += terms(chunk)
    return at + 1


def _number(chunks: Sequence[str]) -> int | None:
    meant = [chunk.removeprefix("#") for chunk in chunks if fold(chunk) not in _SMALL]
    if len(meant) != 1 or not (meant[0].isascii() and meant[0].isdigit() and len(meant[0]) <= NUMBER_DIGITS):
        return None
    return int(meant[0])
