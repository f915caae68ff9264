"""Where a ticket stands, in a sentence for its customer."""

from collections.abc import Mapping
from datetime import datetime

from core.i18n import N_, Translator
from core.rules.states import CLOSED, State, WaitingFor

TURN_WORDS: Mapping[WaitingFor, str] = {
    WaitingFor.DESK: N_("it is our turn"),
    WaitingFor.CUSTOMER: N_("it is your turn"),
}

_OPEN: Mapping[WaitingFor, str] = {
    WaitingFor.DESK: N_("We are working on it and will write to you here."),
    WaitingFor.CUSTOMER: N_("We have written to you and wait for your answer."),
}


def standing(state: State, waiting: WaitingFor, t: Translator, *, remind_at: datetime | None = None) -> str:
    """What happens next and who does it."""
    if state is State.NEW:
        return t("A technician will take it in a moment; there is nothing you have to do.")
    if state is State.PENDING and remind_at is not None:
        return t("Development is looking at it. We will review it on %(date)s.", date=t.date(remind_at))
    if state is State.MERGED:
        return t("It was joined to another ticket and goes on there.")
    if state in CLOSED:
        return t("It is closed: there is nothing left to do.")
    return t(_OPEN[waiting] if state is State.OPEN else _OPEN[WaitingFor.DESK])
