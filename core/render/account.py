"""A company's movements in plain words, and its bag as a bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.i18n import N_, Translator
from core.rules.ledger import HOUR, Account, LineKind

PARTS = 12  # of five minutes each

# What each movement says; which kinds an account knows stands in core.rules.ledger.SIGNS.
WORDS: Mapping[tuple[Account, LineKind], str] = {
    (Account.BAG, LineKind.CLOSURE): N_("%(minutes)s added to the minutes accumulated"),
    (Account.BAG, LineKind.REVERSAL): N_("%(minutes)s taken back from the minutes accumulated"),
    (Account.BAG, LineKind.HOUR_ISSUED): N_("%(minutes)s became technical hour %(hour)s"),
    (Account.BAG, LineKind.HOUR_WITHDRAWN): N_("technical hour %(hour)s cancelled: %(minutes)s accumulated again"),
    (Account.PURCHASED, LineKind.PURCHASE): N_("%(minutes)s purchased"),
    (Account.PURCHASED, LineKind.CLOSURE): N_("%(minutes)s used of your purchased hours"),
    (Account.PURCHASED, LineKind.REVERSAL): N_("purchased hours corrected: %(minutes)s"),
    (Account.PURCHASED, LineKind.EXPIRY): N_("%(minutes)s of your purchased hours expired"),
}


@dataclass(frozen=True)
class Movement:
    """A line of the ledger: signed minutes, with the ticket or the technical hour it belongs to."""

    id: int
    at: datetime
    account: Account
    kind: LineKind
    minutes: int
    ticket: int | None
    hour: int | None


def bar(minutes: int) -> str:
    """The bag (0..59) as twelve blocks; the words beside it say the same."""
    full = minutes * PARTS // HOUR
    return "█" * full + "░" * (PARTS - full)


def movement_words(t: Translator, line: Movement) -> str:
    """``15 min se sumaron …, ticket #1042``."""
    is_correction = (line.account, line.kind) == (Account.PURCHASED, LineKind.REVERSAL)
    minutes = line.minutes if is_correction else abs(line.minutes)
    words = t(WORDS[line.account, line.kind], minutes=t.minutes(minutes), hour=line.hour)
    return t("%(movement)s, ticket #%(number)s", movement=words, number=line.ticket) if line.ticket else words
