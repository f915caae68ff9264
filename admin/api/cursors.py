"""What a page gives as ``next`` and takes as ``after``: opaque to callers."""

import base64
import binascii

from core.errors import InvalidError
from core.i18n import N_


def write(number: int) -> str:
    return base64.urlsafe_b64encode(f"below:{number}".encode()).decode().rstrip("=")


def read(text: str | None) -> int | None:
    """Raises InvalidError for anything that is not a ``next`` of ours."""
    if text is None:
        return None
    try:
        word, _, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        word = number = ""
    if word != "below" or not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise InvalidError(N_("This cursor is not one of ours."), field="after")
    return int(number)
