"""A company's account of one month as plain values, and its words: both accounts apart, minute by minute."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.i18n import N_, Translator
from core.render.sheets import Row
from core.render.words import STATE_WORDS
from core.rules.closures import Closure
from core.rules.ledger import HOUR, Account, LineKind
from core.rules.periods import Period

ACCOUNT_WORDS: Mapping[Account, str] = {
    Account.PURCHASED: N_("Purchased hours"),
    Account.BAG: N_("Bag: minutes towards the next technical hour"),
}

KIND_WORDS: Mapping[LineKind, str] = {
    LineKind.PURCHASE: N_("Purchase"),
    LineKind.CLOSURE: N_("Closing"),
    LineKind.REVERSAL: N_("Reversal"),
    LineKind.HOUR_ISSUED: N_("Technical hour %(number)s issued"),
    LineKind.HOUR_WITHDRAWN: N_("Technical hour %(number)s withdrawn"),
    LineKind.EXPIRY: N_("Expiry of purchased hours"),
}

# What nobody of the desk did followed from a customer's reopening.
_BY_CUSTOMER = frozenset({LineKind.REVERSAL, LineKind.HOUR_ISSUED, LineKind.HOUR_WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Line:
    """A movement: signed minutes, and the account's balance after it.

    ``reference`` is what a purchase was paid with; ``technician`` None: nobody of the desk.
    """

    id: int
    at: datetime
    kind: LineKind
    minutes: int
    balance: int
    ticket: int | None
    closure: Closure | None
    hour: int | None
    reference: str
    technician: str | None


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """One account: both balances in minutes, None while nothing was known of it, and what lies between."""

    account: Account
    opening: int | None
    lines: Sequence[Line]
    closing: int | None


@dataclass(frozen=True, slots=True)
class MonthHour:
    """A technical hour issued in the month: minutes by ticket number; ``invoice`` is the one it is on now."""

    number: int
    issued_at: datetime
    tickets: Sequence[tuple[int, int]]
    invoice: str
    is_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What happened to a company's minutes in a month, as it stood at the moment of asking."""

    company: str
    ruc: str
    period: Period
    purchased: AccountMonth
    bag: AccountMonth
    hours: Sequence[MonthHour]
    at: datetime

    @property
    def accounts(self) -> tuple[AccountMonth, AccountMonth]:
        return self.purchased, self.bag

    @property
    def month(self) -> str:
        """``2026-11``."""
        return f"{self.period.first:%Y-%m}"


def file_name(statement: Statement, ending: str) -> str:
    """``estado-de-cuenta-0992345678001-2026-11.pdf``."""
    return f"estado-de-cuenta-{statement.ruc}-{statement.month}.{ending}"


def kind_words(line: Line, t: Translator) -> str:
    """``Cerrado y facturado``, ``Reverso: Cerrado y facturado``, ``Hora técnica 3 emitida``."""
    if line.hour:
        return t(KIND_WORDS[line.kind], number=line.hour)
    if line.closure is None:
        return t(KIND_WORDS[line.kind])
    closing = t(STATE_WORDS[line.closure.state])
    if line.kind is LineKind.REVERSAL:
        return f"{t(KIND_WORDS[line.kind])}: {closing}"
    is_rest = line.closure is Closure.IMPLEMENTATION and line.minutes > 0
    return t("%(closing)s: beyond the purchased hours", closing=closing) if is_rest else closing


def about(line: Line) -> str:
    """The ticket or the invoice a movement belongs to; empty for those that have neither."""
    return f"#{line.ticket}" if line.ticket else line.reference


def who(line: Line, t: Translator) -> str:
    return line.technician or (t("The customer") if line.kind in _BY_CUSTOMER else t("The desk"))


def invoice_words(hour: MonthHour, t: Translator) -> str:
    return t("withdrawn") if hour.is_withdrawn else hour.invoice or t("not invoiced yet")


def balance_words(minutes: int | None, t: Translator) -> str:
    return t("none on record") if minutes is None else t.minutes(minutes)


def signed(minutes: int) -> str:
    """``+15``, ``−45`` with a real minus, ``0``."""
    return f"{minutes:+d}".replace("-", "−") if minutes else "0"


def rows(statement: Statement, t: Translator) -> Iterator[Row]:
    """The statement as a table for spreadsheets: integer minutes throughout."""
    yield [statement.ruc, statement.company, t.month(statement.period.first)]
    yield []
    head = (
        N_("Account"),
        N_("Date"),
        N_("Movement"),
        N_("Ticket or invoice"),
        N_("Who"),
        N_("Minutes"),
        N_("Balance"),
    )
    yield [t(word) for word in head]
    for one in statement.accounts:
        name = t(ACCOUNT_WORDS[one.account])
        yield [name, "", t("Opening balance"), "", "", "", _cell(one.opening)]
        for line in one.lines:
            words = kind_words(line, t), about(line), who(line, t)
            yield [name, t.moment(line.at), *words, line.minutes, line.balance]
        yield [name, "", t("Closing balance"), "", "", "", _cell(one.closing)]
    yield []
    yield [t("Technical hour"), t("Issued"), t("Tickets"), t("Minutes"), t("Invoice")]
    for hour in statement.hours:
        yield [hour.number, t.moment(hour.issued_at), filled_by(hour), HOUR, invoice_words(hour, t)]


def filled_by(hour: MonthHour) -> str:
    """``#1042 (45 min), #1043 (15 min)``."""
    return ", ".join(f"#{number} ({minutes} min)" for number, minutes in hour.tickets)


def _cell(minutes: int | None) -> str | int:
    return "" if minutes is None else minutes
