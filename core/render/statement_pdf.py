"""Draws a company's statement of one month on the desk's paper."""

from typing import Any

from core.i18n import Translator
from core.render.office import Office
from core.render.statement import (
    ACCOUNT_WORDS,
    AccountMonth,
    MonthHour,
    Statement,
    about,
    balance_words,
    filled_by,
    invoice_words,
    kind_words,
    signed,
    who,
)
from core.render.typesetting import picture, typeset


def draw(
    statement: Statement, *, office: Office, t: Translator, logo: bytes | None = None, reduced: bool = False
) -> bytes:
    """The PDF of a statement, dated as it was asked for; ``logo`` is the office's PNG. Raises TypesettingError."""
    page = _page(statement, office, t) | {"logo": picture(logo)}
    return typeset("statement/statement.typ", page, at=statement.at, reduced=reduced)


def _page(statement: Statement, office: Office, t: Translator) -> dict[str, Any]:
    """What the template lays out: labels in the reader's language beside the values."""
    span = statement.period
    return {
        "lang": t.language,
        "title": t("Statement"),
        "month": t.month(span.first),
        "company": statement.company,
        "ruc": statement.ruc,
        "desk": office.name,
        "contact": office.contact,
        "facts": [
            [t("Company"), statement.company],
            [t("RUC"), statement.ruc],
            [t("Period"), t("%(first)s to %(last)s", first=f"{span.first:%d/%m/%Y}", last=f"{span.last:%d/%m/%Y}")],
            [t("Drawn on"), t.moment(statement.at)],
        ],
        "glance": [
            [t("Purchased hours left"), balance_words(statement.purchased.closing, t)],
            [t("Bag to the next technical hour"), balance_words(statement.bag.closing, t)],
            [t("Technical hours issued"), str(sum(not hour.is_withdrawn for hour in statement.hours))],
        ],
        "head": [t("Date"), t("Movement"), t("Ticket or invoice"), t("Who"), t("Minutes"), t("Balance")],
        "accounts": [_account(one, t) for one in statement.accounts],
        "hours": {
            "title": t("Technical hours issued"),
            "head": [t("Number"), t("Issued"), t("Tickets"), t("Invoice")],
            "rows": [_hour(hour, t) for hour in statement.hours],
            "none": t("None in this month."),
        },
        "drawn": t("As it stood on %(when)s. The two accounts are never netted.", when=t.moment(statement.at)),
        "page": t("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _account(one: AccountMonth, t: Translator) -> dict[str, Any]:
    return {
        "title": t(ACCOUNT_WORDS[one.account]),
        "opening": [t("Opening balance"), _exact(one.opening, t)],
        "rows": [
            [
                t.moment(line.at),
                kind_words(line, t),
                about(line),
                who(line, t),
                signed(line.minutes),
                str(line.balance),
            ]
            for line in one.lines
        ],
        "closing": [t("Closing balance"), _exact(one.closing, t)],
    }


def _hour(hour: MonthHour, t: Translator) -> list[str]:
    return [str(hour.number), t.moment(hour.issued_at), filled_by(hour), invoice_words(hour, t)]


def _exact(minutes: int | None, t: Translator) -> str:
    return t("none on record") if minutes is None else str(minutes)
