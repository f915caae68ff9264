"""Who somebody is: the RUC, the proofs and the levels they give, passwords, and the throttles of the log-in.

The RUC is printed on every invoice: it identifies a company and proves nothing.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, IPv6Network, ip_address
from itertools import combinations, pairwise

import phonenumbers
from stdnum.ec import ruc as stdnum_ruc

from core.rules.common_passwords import COMMON_PASSWORDS


class Level(StrEnum):
    """How well a person is known to act for a company."""

    IDENTIFIED = "identified"
    VERIFIED = "verified"


class Proof(StrEnum):
    """What a binding was made with."""

    INITIAL_PASSWORD = "initial_password"  # noqa: S105 - a kind of proof
    PASSWORD = "password"  # noqa: S105 - a kind of proof
    PHONE = "phone"
    INVITATION = "invitation"
    APPROVAL = "approval"
    EMAIL = "email"


class Sight(StrEnum):
    """One thing a chat may be shown of a company, or do about it."""

    OWN_CHAT_TICKETS = "own_chat_tickets"
    COMPANY_TICKETS = "company_tickets"
    SEARCH = "search"
    REPORTS = "reports"
    NAMES = "names"
    ACCOUNT = "account"
    PERSONS = "persons"
    PASSWORD_CHANGE = "password_change"  # noqa: S105 - a thing seen


LEVEL_OF: Mapping[Proof, Level] = {
    Proof.INITIAL_PASSWORD: Level.IDENTIFIED,
    Proof.PASSWORD: Level.VERIFIED,
    Proof.PHONE: Level.VERIFIED,
    Proof.INVITATION: Level.VERIFIED,
    Proof.APPROVAL: Level.VERIFIED,
    Proof.EMAIL: Level.VERIFIED,
}

SIGHT: Mapping[Level, frozenset[Sight]] = {
    Level.IDENTIFIED: frozenset({Sight.OWN_CHAT_TICKETS}),
    Level.VERIFIED: frozenset(Sight),
}

UNVERIFIED_TICKETS_A_DAY = 3
ADDRESS_LONGEST = 254
NAME_LONGEST = 200


def may_see(level: Level, sight: Sight) -> bool:
    """Whether a chat of this level may be shown this."""
    return sight in SIGHT[level]


def may_open_ticket(level: Level, opened_today: int) -> bool:
    """Whether one more ticket may be sent; `opened_today` counts those of this chat on the desk's date."""
    return level is Level.VERIFIED or opened_today < UNVERIFIED_TICKETS_A_DAY


# --- the RUC and the phone ------------------------------------------------------------------------

_PROVINCES = frozenset({*(f"{number:02}" for number in range(1, 25)), "30", "50"})
_FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)}
_RUC_NOISE = re.compile(r"[\s.\-\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_IN_ADDRESS = re.compile(r"[\s<>,;\x00-\x1f]")
_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}")


def read_ruc(text: str) -> str | None:
    """The RUC somebody typed or pasted, as 13 ASCII digits, or None if it cannot be one."""
    digits = _RUC_NOISE.sub("", text.translate(_FULL_WIDTH))
    if not _THIRTEEN_DIGITS.fullmatch(digits):
        return None
    return digits if digits[:2] in _PROVINCES and digits[-3:] != "000" else None


def ruc_warning(ruc: str) -> bool:
    """Whether the check digit fails: a warning only, RUCs given out today fail it too."""
    return not stdnum_ruc.is_valid(ruc)


def normalise_phone(text: str, region: str = "EC") -> str | None:
    """A phone number as E.164, or None; without a plus it is read as the region's, then as international."""
    candidates = (text, "+" + text.strip().removeprefix("00"))
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def read_address(text: str) -> str | None:
    """An e-mail address as somebody typed it, or None if no mail can be sent there; if it exists nobody can tell.

    A name before the @ beyond ASCII is taken by few servers, so the desk writes to none.
    """
    address = text.strip()
    local, at, domain = address.partition("@")
    is_whole = (
        bool(local and at)
        and local.isascii()
        and "." in domain.strip(".")
        and "@" not in domain
        and len(address) <= ADDRESS_LONGEST
    )
    return address if is_whole and not _NOT_IN_ADDRESS.search(address) else None


def is_own_phone(*, contact_user_id: int | None, sender_id: int, is_forwarded: bool) -> bool:
    """Whether a shared contact is the sender's own: Telegram's server sets its user id."""
    return contact_user_id == sender_id and not is_forwarded


# --- the company's password -----------------------------------------------------------------------

PASSWORD_SHORTEST = 8
PASSWORD_LONGEST = 128

_RUC_PART = 8  # so many digits of the RUC in a row are a part of it
_YEAR = 4  # digits put before or after a name do not hide it


class PasswordFlaw(StrEnum):
    """Why a new password is refused: a code, other layers have the words."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_RUC = "is_ruc"
    PART_OF_RUC = "part_of_ruc"
    COMPANY_NAME = "company_name"
    TOO_COMMON = "too_common"


def normalise_password(text: str) -> str:
    """The form a password is hashed and compared in: NFKC, otherwise as typed."""
    return unicodedata.normalize("NFKC", text)


def password_flaws(candidate: str, *, ruc: str, company_name: str) -> tuple[PasswordFlaw, ...]:
    """Everything against a new company password; empty when it may be used. Lengths are code points."""
    password = normalise_password(candidate)
    folded = _fold(password)
    found = {
        PasswordFlaw.TOO_SHORT: len(password) < PASSWORD_SHORTEST,
        PasswordFlaw.TOO_LONG: len(password) > PASSWORD_LONGEST,
        PasswordFlaw.IS_RUC: folded == ruc,
        PasswordFlaw.PART_OF_RUC: folded != ruc and _is_part_of_ruc(folded, ruc),
        PasswordFlaw.COMPANY_NAME: _is_company_name(folded, company_name),
        PasswordFlaw.TOO_COMMON: folded in COMMON_PASSWORDS or _is_monotonous(password.casefold()),
    }
    return tuple(flaw for flaw, is_found in found.items() if is_found)


def _fold(text: str) -> str:
    """Letters and digits only, without case and accents: how people say a password is the same."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in bare if sign.isalnum())


def _is_part_of_ruc(folded: str, ruc: str) -> bool:
    """Whether the password is RUC digits in a row, also backwards, with too little else to be a secret."""
    rest = folded
    for size in range(len(ruc), _RUC_PART - 1, -1):
        for digits in (ruc, ruc[::-1]):
            for start in range(len(digits) - size + 1):
                rest = rest.replace(digits[start : start + size], "")
    return rest != folded and len(rest) < PASSWORD_SHORTEST


def _is_company_name(folded: str, company_name: str) -> bool:
    words = [word for word in map(_fold, re.split(r"[\W_]+", company_name)) if word]
    names = {"".join(words[start:end]) for start, end in combinations(range(len(words) + 1), 2)}
    bare = folded.strip("0123456789")
    return folded in names or (bare in names and len(folded) - len(bare) <= _YEAR)


def _is_monotonous(password: str) -> bool:
    """Whether it is one or two signs over and over, or signs in counting order (12345678, hgfedcba)."""
    if len(password) < PASSWORD_SHORTEST:
        return False  # too short says it already
    keyboard = "12345678901234567890"
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return len(set(password)) <= 2 or steps <= {1} or steps <= {-1} or password in keyboard


# --- throttles: slower and slower, never locked ---------------------------------------------------

FREE_FAILURES = 5
FREE_WINDOW = timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(minutes=30)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))

RUC_FAILURES_AN_HOUR = 10
RUC_FAILURES_IN_A_ROW = 100

ACCOUNT_FAILURES_AN_HOUR = 20
ACCOUNT_WAIT = timedelta(minutes=2)
_HOUR = timedelta(hours=1)


def place_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 one: within it one chooses at will."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]  # a socket has no address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def login_wait(failures: Sequence[datetime], now: datetime) -> timedelta:
    """How long a chat must wait before it may try again; zero when it may now.

    `failures` are the chat's failed tries since its last success, in any order (a day of them is enough).
    Five within 15 minutes are free, each further one waits longer; half an hour of quiet starts anew.
    """
    tries = sorted(failures)
    step = 0
    for index, at in enumerate(tries):
        if index and at - tries[index - 1] >= FORGIVEN_AFTER:
            step = 0
        if step or _is_fifth_in_window(tries, index):
            step += 1
    if not step:
        return timedelta()
    return _left(tries[-1], WAITS[min(step, len(WAITS)) - 1], now)


def ruc_wait(failures_last_hour: Sequence[datetime], in_a_row: int, now: datetime) -> timedelta:
    """How long unverified chats must wait before one may try this RUC again; zero when it may now.

    `failures_last_hour` are failures of unverified chats on this RUC; `in_a_row` those since the last success
    from anywhere. Ten an hour; after a hundred in a row one an hour. Verified chats are not asked about.
    """
    recent = sorted(failures_last_hour)
    allowed = 1 if in_a_row >= RUC_FAILURES_IN_A_ROW else RUC_FAILURES_AN_HOUR
    return _left(recent[-allowed], _HOUR, now) if len(recent) >= allowed else timedelta()


def account_wait(failures_last_hour: Sequence[datetime], now: datetime) -> timedelta:
    """How long a place its technician never came from must wait before it may try an account of the panel.

    `failures_last_hour` are those of the account from everywhere: after twenty, one try every two minutes.
    """
    if len(failures_last_hour) < ACCOUNT_FAILURES_AN_HOUR:
        return timedelta()
    return _left(max(failures_last_hour), ACCOUNT_WAIT, now)


def _is_fifth_in_window(tries: Sequence[datetime], index: int) -> bool:
    first = index - FREE_FAILURES + 1
    return first >= 0 and tries[index] - tries[first] <= FREE_WINDOW


def _left(since: datetime, wait: timedelta, now: datetime) -> timedelta:
    """What is left of a wait: never below zero, and never above the wait even if the clock was set back."""
    return max(timedelta(), min(wait, since + wait - now))
