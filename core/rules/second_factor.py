"""The second factor: a code of thirty seconds (RFC 6238), or one of ten codes on paper."""

import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP = 30  # seconds
DRIFT = (0, -1, 1)  # steps a clock may be away
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is taken for another

_TOTP = re.compile(r"\d{6}")


def plain(typed: str) -> str:
    """A code as it is compared: without blanks and dashes, in small letters."""
    return re.sub(r"[\s-]", "", typed).lower()


def is_of_the_moment(code: str) -> bool:
    """Whether it is a code of an app, and not one of those on paper."""
    return _TOTP.fullmatch(code) is not None


def accepted_step(secret: str, code: str, *, at: datetime, after: int | None) -> int | None:
    """The step whose code this is, close to the moment and later than the last one used; None: it is refused."""
    if not is_of_the_moment(code) or not code.isascii():
        return None
    current, codes = int(at.timestamp()) // STEP, pyotp.HOTP(secret)
    fresh = (current + drift for drift in DRIFT if after is None or current + drift > after)
    return next((step for step in fresh if hmac.compare_digest(codes.at(step), code)), None)


def codes_from(seed: str) -> list[str]:
    """Ten codes on paper, the same for the same seed."""
    return [_code(hmac.digest(seed.encode(), bytes([nth]), "sha256")) for nth in range(CODES)]


def _code(digest: bytes) -> str:
    number, letters = int.from_bytes(digest, "big"), ""
    for _ in range(10):
        number, letter = divmod(number, len(LETTERS))
        letters += LETTERS[letter]
    return f"{letters[:5]}-{letters[5:]}"


def is_latest(secret: str, code: str, *, step: int | None, at: datetime) -> bool:
    """Whether the code is that of ``step``, the last one used, and that was a moment ago."""
    if step is None or not is_of_the_moment(code) or not code.isascii():
        return False
    is_recent = int(at.timestamp()) // STEP - step <= 2
    return is_recent and hmac.compare_digest(pyotp.HOTP(secret).at(step), code)


def new_seed() -> str:
    """What codes on paper are made from."""
    return secrets.token_urlsafe(32)


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, *, user: str, desk: str) -> str:
    """What the QR says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=desk)
