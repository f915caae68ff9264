"""One mapping of refusals to status and words, for the pages and for the API."""

from collections.abc import Mapping
from typing import Any

from core.actions import retraction
from core.actions.sessions import WrongLoginError
from core.errors import (
    BusyError,
    ConflictError,
    DeskError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooOftenError,
)
from core.i18n import N_, Translator
from core.render.words import MERGE_REFUSAL_WORDS, REFUSAL_WORDS, REOPEN_REFUSAL_WORDS
from core.rules.merging import MergeRefusal
from core.rules.refusals import Refusal
from core.rules.reopening import ReopenRefusal
from core.rules.retraction import RetractRefusal


class TooLargeError(DeskError):
    """More bytes than the panel takes in one form."""

    message = N_("The files are too large: at most 20 MB each and 50 MB together.")


class HarmfulError(DeskError):
    """The virus scanner knows a file of the form."""

    message = N_("%(name)s was not stored: the virus scanner says that it is harmful (%(found)s).")


class ScannerAwayError(DeskError):
    """No file is stored that was not looked at."""

    message = N_("The virus scanner does not answer, and no file is stored without it. Try again in a moment.")


class StrangerError(ForbiddenError):
    """The form was not sent from a page of this panel (or its page is from an older log-in)."""

    message = N_("This form was not sent from a page of this panel. Go back, load the page again and repeat it.")


STATUS: Mapping[type[DeskError], int] = {
    BusyError: 503,
    InvalidError: 422,
    ConflictError: 409,
    NotFoundError: 404,
    ForbiddenError: 403,
    WrongLoginError: 422,
    TooOftenError: 429,
    TooLargeError: 413,
    HarmfulError: 422,
    ScannerAwayError: 503,
}


# by kind: a timer that runs is one thing to a closing and another to a merging, and has one code
_WORDS: Mapping[type[str], Mapping[Any, str]] = {
    Refusal: REFUSAL_WORDS,
    ReopenRefusal: REOPEN_REFUSAL_WORDS,
    MergeRefusal: MERGE_REFUSAL_WORDS,
    RetractRefusal: retraction.WORDS,
}


def status_of(error: DeskError) -> int:
    """The HTTP status that says the same."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


def headers_of(error: DeskError) -> Mapping[str, str]:
    """What a program is told besides."""
    return {"Retry-After": str(int(error.wait.total_seconds()) + 1)} if isinstance(error, TooOftenError) else {}


def text_of(error: DeskError, t: Translator) -> str:
    """What a person reads."""
    return t(error.message, **error.values)


def reasons_of(error: DeskError, t: Translator) -> tuple[str, ...]:
    """The reasons of a conflict in words; a code without words stands for itself."""
    codes = error.reasons if isinstance(error, ConflictError) else ()
    return tuple(t(_WORDS.get(type(code), {}).get(code, code)) for code in codes)
