"""The steps of a chat and how a ticket is written: what is missing, and where typed words go."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.rules.limits import SUBJECT_LIMIT, shorten
from core.rules.services import Service


class Step(StrEnum):
    """What the chat is waiting for."""

    START = "start"
    RUC = "ruc"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    OTHER_RUC = "other_ruc"
    OTHER_PASSWORD = "other_password"  # noqa: S105 - the name of a step
    PROOF = "proof"
    CODE = "code"
    MENU = "menu"
    DRAFT = "draft"
    ANSWER = "answer"
    SEARCH = "search"
    RATING = "rating"
    PREFERENCES = "preferences"
    OLD_PASSWORD = "old_password"  # noqa: S105 - the name of a step
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a step


_SENTENCE = re.compile(r".+?[.!?](?=\s|$)")

LOGIN_STEPS = frozenset({Step.PASSWORD, Step.OTHER_PASSWORD})  # the password that makes a binding
GREETING = 20  # characters: "hola, buenas tardes" is one

SECRET_STEPS = frozenset({*LOGIN_STEPS, Step.OLD_PASSWORD, Step.NEW_PASSWORD})
SECRET_AWAITED = timedelta(hours=1)
LOGGED_OUT_STEPS = frozenset({Step.START, Step.RUC, Step.PASSWORD})


class Field(StrEnum):
    """The fields of a new ticket, in the order they are asked."""

    SERVICE = "service"
    PRODUCT = "product"
    SUBJECT = "subject"
    TEXT = "text"
    FILES = "files"


@dataclass(frozen=True)
class DraftFacts:
    """What a draft has so far; ``files_settled`` after Listo or No tengo adjuntos, ``needs_file`` by desk policy."""

    service: Service | None = None
    product: str | None = None
    subject: str | None = None
    text: str = ""
    files: int = 0
    files_settled: bool = False
    needs_file: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed or sent yet; what was only chosen is chosen again in a moment."""
        return not (self.subject or self.text.strip() or self.files)


def missing(facts: DraftFacts) -> tuple[Field, ...]:
    """The fields still to be given, the next one to ask first; empty: ready to send."""
    given: Mapping[Field, bool] = {
        Field.SERVICE: facts.service is not None,
        Field.PRODUCT: bool(facts.product),
        Field.SUBJECT: bool(facts.subject),
        Field.TEXT: bool(facts.text.strip()),
        Field.FILES: facts.files_settled and (facts.files > 0 or not facts.needs_file),
    }
    return tuple(field for field in Field if not given[field])


def place_of(words: str, facts: DraftFacts, *, changing: Field | None = None) -> Field:
    """SUBJECT or TEXT: where typed words go.

    Accepted in any order: the first short line is the subject, whatever step it came at; a long one is the
    text, and the subject is asked again. Everything later is text.
    """
    if changing is Field.TEXT:
        return Field.TEXT
    wants_subject = changing is Field.SUBJECT or not facts.subject
    if wants_subject and len(one_line(words)) <= SUBJECT_LIMIT:
        return Field.SUBJECT
    return Field.TEXT


def one_line(words: str) -> str:
    """A subject has no line breaks."""
    return " ".join(words.split())


def suggested_subject(text: str) -> str:
    """What the text begins with, as a subject: its first sentence or line, as far as a subject goes."""
    line = next((one_line(line) for line in text.splitlines() if line.strip()), "")
    sentence = _SENTENCE.match(line)
    return shorten(sentence[0].rstrip(" .:;,") if sentence else line, SUBJECT_LIMIT)


def appended(text: str, words: str) -> str:
    """Texts that arrive one after another stay one text, in order."""
    return f"{text}\n{words}" if text else words


def is_worth_keeping(words: str) -> bool:
    """A greeting before the log-in needs no draft; a sentence does."""
    return len(one_line(words)) > GREETING
