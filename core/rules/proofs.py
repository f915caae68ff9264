"""The proofs by six digits and by a link, and how far the company's own people may go against a new phone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

INVITATION_LIVES = timedelta(hours=72)
CODE_DIGITS = 6


class CodeKind(StrEnum):
    """How six digits come back: typed from a mail, or read aloud to a technician."""

    EMAIL = "email"
    APPROVAL = "approval"


class Ending(StrEnum):
    """What became of a code."""

    PROVED = "proved"
    REFUSED = "refused"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REPLACED = "replaced"


class News(StrEnum):
    """What the company's other verified persons are asked about."""

    PHONE = "phone"
    PASSWORD = "password"  # noqa: S105 - a kind of news


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How long a code lives, how often it may be tried, and how many a day a chat and a company may cause."""

    lives: timedelta
    tries: int
    of_chat: int
    of_company: int


CODE_LIMITS: Mapping[CodeKind, CodeLimits] = {
    CodeKind.EMAIL: CodeLimits(timedelta(minutes=10), tries=5, of_chat=5, of_company=10),
    CodeKind.APPROVAL: CodeLimits(timedelta(hours=24), tries=5, of_chat=5, of_company=20),
}


def may_ask(kind: CodeKind, *, by_chat: int, for_company: int) -> bool:
    """Whether one more code may be made; the numbers are those asked for within the last 24 hours."""
    limits = CODE_LIMITS[kind]
    return by_chat < limits.of_chat and for_company < limits.of_company


def read_code(text: str) -> str | None:
    """Six digits as somebody types or says them ("123 456"), or None."""
    digits = re.sub(r"[\s.\-]", "", text)
    return digits if re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", digits) else None


def spoken(code: str) -> str:
    """Six digits in two groups, as they are read aloud."""
    return f"{code[:3]} {code[3:]}"


def masked(address: str) -> str:
    """An e-mail address as a stranger may see it: ``m•••@dominio.ec``."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"


def may_freeze(*, since: datetime, accused_since: datetime) -> bool:
    """Whether somebody verified ``since`` may stop another phone by a tap: only one that came later."""
    return accused_since > since


_TICKET_LINK = re.compile(r"t([0-9]{1,20})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def ticket_link(bot_username: str, number: int) -> str:
    """Where a customer's Telegram opens a ticket, after the log-in if need be; it proves nothing."""
    return f"https://t.me/{bot_username}?start=t{number}"


def read_ticket_link(payload: str) -> int | None:
    """The ticket of a link such as ``t1042``, or None."""
    found = _TICKET_LINK.fullmatch(payload)
    return int(found[1]) if found else None


def is_invitation(payload: str) -> bool:
    """Whether the payload of a link has the form of an invitation's token."""
    return _TOKEN.fullmatch(payload) is not None
