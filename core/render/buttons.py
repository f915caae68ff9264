"""The vocabulary of inline buttons: what a tap says, at most 64 bytes."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.rules.ratings import STARS


class Tap(StrEnum):
    """The first word of a button's data; the others are its arguments."""

    FORGOT = "forgot"
    UNVERIFIED = "unverified"
    MENU = "menu"
    NEW = "new"
    SET = "set"
    ASK = "ask"
    BACK = "back"
    SETTLE = "settle"
    DROP_FILE = "dropfile"
    SEND = "send"
    CANCEL = "cancel"
    ANSWER = "answer"
    SLOT = "slot"
    TICKET = "ticket"
    FILE = "file"
    REPORT = "report"
    LIST = "list"
    SEARCH = "search"
    FIND = "find"
    PLACE = "place"
    PLACE_NEW = "placenew"
    REOPEN = "reopen"
    CONSENT = "consent"
    GO_ON = "goon"
    ONLY_COMMENT = "comment"
    ASK_CLOSE = "askclose"
    RATE = "rate"
    NO_WORDS = "nowords"
    UNDO = "undo"
    KEEP = "keep"
    SUBJECT = "subject"
    SAME = "same"
    OTHER = "other"
    PASSWORD = "password"  # noqa: S105 - the name of a button
    LEAVE = "leave"
    PROVE = "prove"
    MAIL_CODE = "mailcode"
    APPROVAL = "approval"
    WAS_ME = "wasme"
    NOT_ME = "notme"
    PHONES = "phones"
    REVOKE = "revoke"
    REVOKE_NOW = "revokenow"
    IN_CHARGE = "incharge"
    COMPANIES = "companies"
    SWITCH = "switch"
    ADD_COMPANY = "addcompany"
    LEAVE_ALL = "leaveall"
    PREFERENCES = "prefs"
    CHOOSE = "choose"
    ACCOUNT = "account"
    STATEMENT = "statement"
    MUTE = "mute"
    UNMUTE = "unmute"


@dataclass(frozen=True)
class Button:
    """An inline button: its label, already translated, and what a tap says."""

    label: str
    data: str


def data(tap: Tap, *arguments: object) -> str:
    """``ticket:1042:2``; raises ValueError over Telegram's 64 bytes."""
    text = ":".join([tap, *map(str, arguments)])
    if len(text.encode()) > 64:
        raise ValueError(f"too long for a button: {text}")
    return text


def keyboard(rows: list[list[Button]]) -> dict[str, object]:
    """Telegram's inline_keyboard."""
    return {
        "inline_keyboard": [[{"text": item.label, "callback_data": item.data} for item in row] for row in rows if row]
    }


def stars(number: int, closure: int) -> list[Button]:
    """The row of 1 to 5 under a closing."""
    return [Button(str(star), data(Tap.RATE, number, closure, star)) for star in STARS]


def in_rows(items: list[Button], width: int) -> list[list[Button]]:
    return [items[start : start + width] for start in range(0, len(items), width)]


def without(markup: dict[str, Any], taps: Collection[Tap]) -> dict[str, Any] | None:
    """The keyboard without the buttons of these taps; None where it has none of them."""
    rows: list[list[dict[str, Any]]] = markup.get("inline_keyboard", [])
    kept = [[item for item in row if not _says(item, taps)] for row in rows]
    return {"inline_keyboard": [row for row in kept if row]} if kept != rows else None


def _says(item: dict[str, Any], taps: Collection[Tap]) -> bool:
    return str(item.get("callback_data", "")).partition(":")[0] in taps
