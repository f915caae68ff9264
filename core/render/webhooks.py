"""Outgoing webhooks in the words of the desk."""

from collections.abc import Mapping

from core.i18n import N_
from core.rules.retries import Outcome
from core.rules.webhooks import PING, Happening, SubscriptionState

EVENT_WORDS: Mapping[str, str] = {
    Happening.TICKET_CREATED: N_("A ticket is opened"),
    Happening.ARTICLE_ADDED: N_("An article is added (never an internal note)"),
    Happening.STATE_CHANGED: N_("The state of a ticket changes"),
    Happening.TICKET_CLOSED: N_("A ticket is closed"),
    PING: N_("Test"),
}

SUBSCRIPTION_WORDS: Mapping[SubscriptionState, str] = {
    SubscriptionState.ACTIVE: N_("Active"),
    SubscriptionState.PAUSED: N_("Paused"),
    SubscriptionState.FAILED: N_("Turned off: it failed for three days"),
}

# What a try ended with; a try without an end was interrupted.
CALL_WORDS: Mapping[str | None, str] = {
    "sent": N_("taken"),
    Outcome.NOT_SENT: N_("no connection"),
    Outcome.REFUSED: N_("answered with an error"),
    Outcome.DOUBTFUL: N_("no answer"),
    Outcome.BAD_CONTENT: N_("content not taken"),
    Outcome.BAD_CHAT: N_("was paused"),
    None: N_("interrupted"),
}
