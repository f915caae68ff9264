"""The two buttons under a question that changes what a ticket may cost."""

from core.i18n import Translator
from core.render.buttons import Button, Tap, data

YES, NO = "yes", "no"


def consent(t: Translator, number: int, event_id: int) -> list[Button]:
    """``event_id`` is the question they answer: those of an older one change nothing."""
    return [
        Button(t("I accept"), data(Tap.CONSENT, number, event_id, YES)),
        Button(t("No"), data(Tap.CONSENT, number, event_id, NO)),
    ]
