"""How far a delivery is and why it is stuck, in words for the desk; the raw error is for the technical line."""

import re
from collections.abc import Mapping, Sequence

from core.i18n import N_
from core.render.words import DELIVERY_WORDS
from core.rules.retries import Outcome

EMAIL, WEBHOOK = "email", "webhook"
NO_CHANNEL = "no such channel is configured"
TOO_OLD = "it waited for more than a day"

CHANNEL_WORDS: Mapping[str, str] = {"telegram": N_("Telegram"), EMAIL: N_("E-mail"), WEBHOOK: N_("Webhook")}

# A server that took a mail may still find out that nobody has its address, and write to whoever the mail is from.
_MAIL_WORDS: Mapping[str | None, str] = {"sent": N_("handed to the mail server")}

# By the state of the row (core.models.DeliveryState), the first whose words occur in the error.
_ANY: Mapping[str, Sequence[tuple[str, str]]] = {
    "uncertain": [
        ("taken back", N_("It was retracted after a try without an answer: if it arrived, it stays in the chat.")),
        ("", N_("Two times there was no answer: it may have arrived once, twice or not at all.")),
    ],
    "queued": [
        ("not in the store", N_("The attached file cannot be read. It is tried again.")),
        ("", N_("It did not go out so far. It is tried again.")),
    ],
    "held": [
        (NO_CHANNEL, N_("No mail server is set up: it waits until there is one and somebody releases it.")),
        (TOO_OLD, N_("It could not be mailed for a day: look whether it still should go, then release it.")),
        ("", N_("Held after a backup was restored: it may have been sent back then.")),
    ],
    "parked": [
        ("paused", N_("The webhook is paused or was turned off.")),
        ("removed", N_("The webhook was removed.")),
        ("deactivated", N_("The Telegram account does not exist any more.")),
        ("chat not found", N_("Telegram does not know this chat.")),
        ("", N_("The person has blocked the bot.")),
    ],
}
_CHAT: Sequence[tuple[str, str]] = [
    ("not in the store", N_("The attached file is not in the store any more.")),
    ("too long", N_("The text is too long for Telegram.")),
    ("too large", N_("The file is too large for Telegram.")),
    ("too big", N_("The file is too large for Telegram.")),
    ("", N_("Telegram did not take this message, not even as plain text.")),
]
_MAIL: Sequence[tuple[str, str]] = [
    ("not in the store", N_("The attached file is not in the store any more.")),
    ("no e-mail address", N_("The address is not a valid one.")),
    ("size", N_("The mail is too large for the mail server.")),
    ("550 ", N_("The mail server does not know this address or refuses it.")),
    ("", N_("The mail server did not take this mail.")),
]

_PROGRAM: Sequence[tuple[str, str]] = [("", N_("The program that is told did not take this."))]

# What a try ended with; a try without an end was interrupted.
TRY_WORDS: Mapping[str | None, str] = {
    "sent": N_("sent"),
    Outcome.NOT_SENT: N_("no connection"),
    Outcome.REFUSED: N_("asked to wait"),
    Outcome.DOUBTFUL: N_("no answer"),
    Outcome.BAD_CONTENT: N_("content not taken"),
    Outcome.BAD_CHAT: N_("chat cannot be reached"),
    Outcome.TOKEN: N_("the bot was not let in"),
    None: N_("interrupted"),
}
_MAIL_TRY_WORDS: Mapping[str | None, str] = {
    **_MAIL_WORDS,
    Outcome.BAD_CONTENT: N_("the mail server refused it"),
    Outcome.TOKEN: N_("the mail server did not let the desk in"),
}
_LATER = re.compile(r"4[0-9][0-9] ")  # a mail server that answered, and wants to be asked again


def standing(state: str, channel: str) -> str:
    """The source text of how far a delivery is; nobody says of a mail that it arrived."""
    return _MAIL_WORDS.get(state, DELIVERY_WORDS[state]) if channel == EMAIL else DELIVERY_WORDS[state]


def tried(channel: str, outcome: str | None, detail: str | None) -> str:
    """The source text of how a try ended."""
    if channel != EMAIL:
        return TRY_WORDS[outcome]
    if outcome == Outcome.NOT_SENT and _LATER.match(detail or ""):
        return N_("the mail server asked to try later")
    return _MAIL_TRY_WORDS.get(outcome, TRY_WORDS[outcome])


def why(state: str, channel: str, error: str | None) -> str:
    """The source text of the reason."""
    reasons = _ANY.get(state) or {EMAIL: _MAIL, WEBHOOK: _PROGRAM}.get(channel, _CHAT)
    text = (error or "").lower()
    return next(words for part, words in reasons if part in text)
