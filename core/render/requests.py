"""A request as the customer meets it: what is missing, and the buttons that answer it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from babel.dates import get_day_names

from core.i18n import N_, Translator
from core.render.buttons import Button, Tap, data, in_rows
from core.rules.calls import CallOutcome
from core.rules.requests import Asks

Rows = list[list[Button]]

# What the customer is told is missing, and what the desk is told it waits for.
MISSING_WORDS: Mapping[Asks, str] = {
    Asks.TIME: N_("a time at which we may call you"),
    Asks.FILE: N_("a screenshot or a file"),
    Asks.CODE: N_("the code for remote access"),
    Asks.OTHER: N_("your answer"),
}

ASKS_WORDS: Mapping[Asks, str] = {
    Asks.TIME: N_("a time to call"),
    Asks.FILE: N_("a file"),
    Asks.CODE: N_("the remote access code"),
    Asks.OTHER: N_("an answer"),
}

# The button that answers in words or with a file, and what it asks for then.
_ANSWER_WORDS: Mapping[Asks, str] = {
    Asks.TIME: N_("Another time"),
    Asks.FILE: N_("Send the file"),
    Asks.CODE: N_("Send the code"),
    Asks.OTHER: N_("Answer"),
}

PROMPT_WORDS: Mapping[Asks, str] = {
    Asks.TIME: N_("When may we call you about #%(number)s? Write the day and the hour."),
    Asks.FILE: N_("Send the file for #%(number)s now: a photo, a screenshot or a document."),
    Asks.CODE: N_("Write the code for remote access now: it goes to #%(number)s."),
    Asks.OTHER: N_("Write your answer to #%(number)s, or send a file."),
}

# Keyed by the values of core.models.AppointmentState: what is rendered knows no tables.
APPOINTMENT_WORDS: Mapping[str, str] = {
    "agreed": N_("call agreed"),
    "called": N_("called"),
    "cancelled": N_("call no longer needed"),
}

# What a request says when the technician adds no words; an answer needs a question.
USUAL_WORDS: Mapping[Asks, str] = {
    Asks.TIME: N_("When may we call you?"),
    Asks.FILE: N_("Please send us a screenshot or a photo of what you see."),
    Asks.CODE: N_("Please send us the code for remote access."),
    Asks.OTHER: "",
}

CALL_WORDS: Mapping[CallOutcome, str] = {
    CallOutcome.NO_ANSWER: N_("We called you %(when)s and could not reach you. When may we call you?"),
    CallOutcome.BUSY: N_("We called you %(when)s and the line was busy. When may we call you?"),
    CallOutcome.ANSWERED_NO_ACCESS: N_(
        "We called you %(when)s and could not get into your computer. When may we call you again?"
    ),
    CallOutcome.WRONG_NUMBER: N_("We called %(phone)s %(when)s and it is not your number. Which number may we call?"),
}


def slot_words(moment: datetime, t: Translator) -> str:
    """``martes 01/12, 10:00``: with its date, for the button is still there tomorrow."""
    local = moment.astimezone(t.timezone)
    weekday = get_day_names("wide", locale=t.language)[local.weekday()]
    return f"{weekday} {local:%d/%m}, {local:%H:%M}"


def answer_rows(t: Translator, number: int, asks: Asks, *, slots: Sequence[datetime] = ()) -> Rows:
    """What answers a request on one tap, and the way to answer it otherwise."""
    times = [Button(slot_words(slot, t).capitalize(), slot_data(number, slot)) for slot in slots]
    rest = (asks,) if asks is not Asks.OTHER else ()
    return [*in_rows(times, 2), [Button(t(_ANSWER_WORDS[asks]), data(Tap.ANSWER, number, *rest))]]


def slot_data(number: int, slot: datetime) -> str:
    return data(Tap.SLOT, number, int(slot.timestamp()) // 60)


def slot_of(minutes: str) -> datetime:
    """What ``slot_data`` wrote, as a moment. Raises ValueError or OverflowError for anything else."""
    return datetime.fromtimestamp(int(minutes) * 60, UTC)


def missing_words(t: Translator, asks: Asks) -> str:
    """``📌 Falta: una captura o un archivo``."""
    return t("📌 Missing: %(what)s", what=t(MISSING_WORDS[asks]))


def called_words(t: Translator, outcome: CallOutcome, *, at: datetime, phone: str, today: datetime) -> str:
    """What a call that failed says to the customer; the date only where it was another day."""
    hour = t.time(at)
    when = t("at %(hour)s", hour=hour)
    if t.date(at) != t.date(today):
        when = t("on %(date)s at %(hour)s", date=t.date(at), hour=hour)
    return t(CALL_WORDS[outcome], when=when, phone=phone or t("the number on record"))
