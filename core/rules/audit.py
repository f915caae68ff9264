"""What an entry of the audit is about, and under which words it is found."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from core.rules.words import fold

WORDS_LIMIT = 4000


class Subject(StrEnum):
    """The kinds of things an entry can be about: the beginning of its object."""

    COMPANY = "company"
    TICKET = "ticket"
    TECHNICIAN = "technician"
    TECHNICAL_HOUR = "technical hour"
    DELIVERY = "delivery"
    DELIVERIES = "deliveries"
    UPDATE = "update"
    SETTINGS = "settings"
    CANNED_ANSWER = "canned answer"
    IMPORT = "import"
    WEBHOOK = "webhook"
    EXPORT = "export"
    DESK = "desk"


def subject_of(on: str) -> tuple[Subject | None, str]:
    """``company 0992345678001`` → the kind and the name; None and everything where the kind is unknown."""
    for subject in Subject:
        if on == subject or on.startswith(f"{subject} "):
            return subject, on[len(subject) + 1 :]
    return None, on


def objects_named(name: str) -> list[str]:
    """Everything somebody may mean who writes a number, a RUC or a user name."""
    name = name.strip().removeprefix("#").lower()
    return [f"{subject} {name}" for subject in Subject]


def words_of(on: str, data: Mapping[str, object]) -> str:
    """Object and values without case and accents, as they are searched."""
    return fold(" ".join([on, *_leaves(data)]))[:WORDS_LIMIT]


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield str(value)
