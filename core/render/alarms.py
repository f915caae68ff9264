"""Alarms in the words of whoever administers the desk: what is wrong, since when, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.i18n import N_, Translator
from core.rules.alarms import AlarmKind, Level


@dataclass(frozen=True, slots=True)
class Words:
    """``wrong`` is filled from the alarm's detail and ``since``; ``place`` is the page where it is dealt with."""

    wrong: str
    to_do: str
    place: str = ""


class Raised(Protocol):
    """An alarm as it is kept."""

    @property
    def kind(self) -> AlarmKind: ...

    @property
    def level(self) -> Level: ...

    @property
    def since(self) -> datetime: ...

    @property
    def detail(self) -> dict[str, Any]: ...


ALARM_WORDS: Mapping[AlarmKind, Words] = {
    AlarmKind.SILENT_POLLER: Words(
        N_("No messages of customers come in: Telegram has not answered since %(since)s."),
        N_(
            "Check the server's internet connection and that Ventanilla is running. "
            "Telegram keeps messages for 24 hours; older ones are lost."
        ),
    ),
    AlarmKind.SILENT_ROLE: Words(
        N_("A part of Ventanilla has stood still since %(since)s: %(roles)s."),
        N_("Restart Ventanilla. Nothing is lost: what waits goes on after the restart."),
    ),
    AlarmKind.TOKEN_ELSEWHERE: Words(
        N_("Another program uses the bot's token (seen %(since)s); messages may end up there."),
        N_(
            "Stop the other program. If you do not know it, ask @BotFather for a new token "
            "and put it in the settings."
        ),
    ),
    AlarmKind.TOKEN_REFUSED: Words(
        N_("Telegram has refused the bot's token since %(since)s: nothing comes in and nothing goes out."),
        N_("Copy the valid token from @BotFather to TELEGRAM_BOT_TOKEN and restart Ventanilla."),
    ),
    AlarmKind.UPDATES_PENDING: Words(
        N_("Telegram has kept messages back since %(since)s. Waiting there: %(n)s."),
        N_(
            "Check that Ventanilla is running and, with a webhook, that its address can be reached from the "
            "internet and its certificate is valid. Telegram keeps messages for 24 hours; older ones are lost."
        ),
    ),
    AlarmKind.INBOX_STUCK: Words(
        N_("Messages of customers that arrived have not been worked off since %(since)s."),
        N_("Check that the database answers and restart Ventanilla. Nothing is lost."),
    ),
    AlarmKind.INBOX_DEAD: Words(
        N_("Messages of customers that could not be taken in: %(n)s, the oldest of %(since)s."),
        N_("Open the page of deliveries and process each one again or discard it."),
        place="/deliveries",
    ),
    AlarmKind.ALBUM_STUCK: Words(
        N_("Photos or files that a customer sent together have not come to their ticket since %(since)s."),
        N_(
            "Restart Ventanilla. Nothing is lost: it tries again every ten seconds. If this does not end, "
            "the server's log says what fails."
        ),
    ),
    AlarmKind.OUTBOX_STUCK: Words(
        N_("There are messages to customers that have not gone out since %(since)s."),
        N_(
            "Check the server's internet connection and that Ventanilla is running: they go out by themselves then. "
            "If only one chat is concerned, the page of deliveries says what holds it up, a file that cannot be read "
            "for instance, and there it can be discarded."
        ),
        place="/deliveries?state=queued",
    ),
    AlarmKind.DELIVERIES_TROUBLED: Words(
        N_("Deliveries that failed or are in doubt: %(n)s, the oldest of %(since)s."),
        N_("Open the page of deliveries and retry or discard each one."),
        place="/deliveries",
    ),
    AlarmKind.MAIL_FAILING: Words(
        N_("E-mails have not gone out since %(since)s."),
        N_("Check the mail server and SMTP_URL. The e-mails wait and go out by themselves then."),
    ),
    AlarmKind.WEBHOOK_FAILING: Words(
        N_("A program that is told of tickets has taken nothing since %(since)s."),
        N_("Open the webhooks of the settings: the log says what its server answers. What waits goes out by itself."),
        place="/settings/webhooks",
    ),
    AlarmKind.WEBHOOK_OFF: Words(
        N_("A webhook was turned off (%(since)s): its program had taken nothing for three days."),
        N_("Open the webhooks of the settings and turn it on again, pause it or remove it. What waited is kept."),
        place="/settings/webhooks",
    ),
    AlarmKind.DISK_LOW: Words(
        N_("The disk is nearly full: %(megabytes)s MB are free."),
        N_("Free space on the disk with the data folder. When it is full, Ventanilla takes in nothing any more."),
    ),
    AlarmKind.BACKUP_OLD: Words(
        N_("There has been no new backup since %(since)s."),
        N_("Check that BACKUP_DIR can be written to and has space left."),
    ),
    AlarmKind.CLOCK_JUMPED: Words(
        N_("The server's clock jumped by %(minutes)s minutes (%(since)s), or the server stood still."),
        N_("Check date, time and time synchronisation of the server: due times and reminders follow its clock."),
    ),
}

LEVEL_WORDS: Mapping[Level, str] = {Level.WARNING: N_("Attention"), Level.GRAVE: N_("Urgent")}


def wrong(alarm: Raised, t: Translator) -> str:
    """One sentence: what is wrong and since when."""
    return t(ALARM_WORDS[alarm.kind].wrong, **{**alarm.detail, "since": t.moment(alarm.since)})


def to_do(alarm: Raised, t: Translator) -> str:
    return t(ALARM_WORDS[alarm.kind].to_do)


def place(alarm: Raised) -> str:
    """The page of the panel where the trouble is dealt with, or where it is explained."""
    return ALARM_WORDS[alarm.kind].place or f"/health#{alarm.kind}"
