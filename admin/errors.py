"""One mapping of refusals to status and words, for the pages and for the API."""

from collections.abc import Mapping

from core.actions.sessions import TooManyTriesError, WrongLoginError
from core.errors import ConflictError, DeskError, ForbiddenError, InvalidError, NotFoundError
from core.i18n import N_, Translator
from core.render.words import REFUSAL_WORDS
from core.rules.closures import Refusal

STATUS: Mapping[type[DeskError], int] = {
    InvalidError: 422,
    ConflictError: 409,
    NotFoundError: 404,
    ForbiddenError: 403,
    WrongLoginError: 422,
    TooManyTriesError: 429,
}


class TooLargeError(DeskError):
    """More bytes than the panel takes in one form."""

    message = N_("The files are too large: at most 20 MB each and 50 MB together.")


class StrangerError(ForbiddenError):
    """The form was not sent from a page of this panel (or its page is from an older log-in)."""

    message = N_("This form was not sent from a page of this panel. Go back, load the page again and repeat it.")


def status_of(error: DeskError) -> int:
    """The HTTP status that says the same."""
    if isinstance(error, TooLargeError):
        return 413
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)


def text_of(error: DeskError, t: Translator) -> str:
    """What a person reads."""
    return t(error.message, **error.values)


def reasons_of(error: DeskError, t: Translator) -> tuple[str, ...]:
    """The reasons of a conflict in words; a code without words stands for itself."""
    codes = error.reasons if isinstance(error, ConflictError) else ()
    return tuple(t(REFUSAL_WORDS[Refusal(code)]) if code in set(Refusal) else code for code in codes)
