"""The few ways an action can refuse, each with a message id that the faces translate."""

from collections.abc import Sequence
from datetime import timedelta

from core.i18n import N_


class DeskError(Exception):
    """A refusal somebody must read: ``message`` is a source text of the catalogs, ``values`` fill it."""

    message: str = N_("Something went wrong.")

    def __init__(self, message: str | None = None, **values: object) -> None:
        self.message = message or self.message
        self.values = values
        super().__init__(self.message % values if values else self.message)


class NotFoundError(DeskError):
    """There is no such thing – or it belongs to somebody else, which must look the same."""

    message = N_("There is no such page.")


class ForbiddenError(DeskError):
    message = N_("Your role does not allow this.")


class ConflictError(DeskError):
    """The state of the desk stands against it; nothing was changed."""

    message = N_("The ticket has changed in the meantime.")

    def __init__(self, message: str | None = None, *, reasons: Sequence[str] = (), **values: object) -> None:
        super().__init__(message, **values)
        self.reasons = tuple(reasons)


class BusyError(ConflictError):
    """The database broke the work off, and again when it was tried anew: others were at the same rows."""

    message = N_("Others were at the same thing at this very moment, and nothing was changed. Try again.")


class SentBeforeError(ConflictError):
    """A form that has done its work comes once more with other words: a person must say whether they are meant."""

    message = N_(
        "This form was sent before with other words. See what was recorded; sent again, it is something new."
    )


class TooOftenError(DeskError):
    """Somebody has to wait; ``wait`` says how long."""

    message = N_("Too many tries. Wait %(minutes)s min and try again.")

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(minutes=max(1, -(-int(wait.total_seconds()) // 60)))


class InvalidError(DeskError):
    """The input cannot be taken as it is; ``field`` names the one to mend."""

    message = N_("This value cannot be used.")

    def __init__(self, message: str | None = None, *, field: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.field = field
