"""What a technician reads on the own phone: marked, short, with a button to the page of the panel."""

from collections.abc import Mapping
from typing import Any, Protocol

from core.i18n import N_
from core.render import alarms, telegram
from core.render.office import Office
from core.rules.alerts import EXCERPT, Alert, Wish
from core.rules.limits import shorten

MARK = "🔔"  # no customer's push begins with it

ALERT_WORDS: Mapping[Alert, str] = {
    Alert.NEW_TICKET: N_("Tickets that are nobody's: new ones, and when their customer writes"),
    Alert.CUSTOMER_WROTE: N_("Customers' answers on your tickets"),
    Alert.GIVEN: N_("Tickets a colleague gives you or makes you responsible for"),
    Alert.REMINDER: N_("Reminders that are due"),
    Alert.ALARM: N_("Alarms of the desk"),
    Alert.HOURS: N_("Purchased hours that run low or expire"),
}

WISH_WORDS: Mapping[Wish, str] = {
    Wish.ALWAYS: N_("Always"),
    Wish.OFFICE_HOURS: N_("In office hours"),
    Wish.NEVER: N_("Never"),
}

_HEADS: Mapping[Alert, str] = {
    Alert.NEW_TICKET: N_("A new ticket"),
    Alert.CUSTOMER_WROTE: N_("The customer wrote"),
    Alert.GIVEN: N_("A ticket for you"),
    Alert.REMINDER: N_("Reminder"),
    Alert.ALARM: N_("Alarm"),
    Alert.HOURS: N_("Purchased hours"),
}


class Subject(Protocol):
    """A ticket as it is kept."""

    @property
    def number(self) -> int: ...

    @property
    def subject(self) -> str: ...


def of_ticket(alert: Alert, ticket: Subject, company: str, *, text: str, office: Office) -> dict[str, Any]:
    t = office.t
    lines = [
        f"{MARK} <b>{telegram.plain(t(_HEADS[alert]))} #{ticket.number}</b>",
        telegram.plain(f"{company} · {ticket.subject}"),
    ]
    if text:
        lines.append(telegram.plain(shorten(" ".join(text.split()), EXCERPT)))
    return _message("\n".join(lines), f"/tickets/{ticket.number}", office)


def of_alarm(alarm: alarms.Raised, *, is_over: bool, office: Office) -> dict[str, Any]:
    t = office.t
    head = t("It is over") if is_over else t(_HEADS[Alert.ALARM])
    words = f"{MARK} <b>{telegram.plain(head)}</b>\n{telegram.plain(alarms.wrong(alarm, t))}"
    return _message(words, alarms.place(alarm), office)


def of_desk(alert: Alert, text: str, page: str, office: Office) -> dict[str, Any]:
    """About no ticket; ``page`` is where it is dealt with."""
    head = telegram.plain(office.t(_HEADS[alert]))
    return _message(f"{MARK} <b>{head}</b>\n{telegram.plain(text)}", page, office)


def answer(text: str, office: Office) -> dict[str, Any]:
    """What a technician's own words in the chat are answered with."""
    return _message(telegram.plain(text), "/", office)


def _message(html: str, page: str, office: Office) -> dict[str, Any]:
    """The page as a button where Telegram takes its address: a name without a dot it refuses."""
    address = f"{office.panel_url}{page}"
    host = address.partition("://")[2].partition("/")[0]
    if "." not in host:
        return telegram.message(html)
    button = {"text": office.t("Open in the panel"), "url": address}
    return telegram.message(html) | {"reply_markup": {"inline_keyboard": [[button]]}}
