"""Keyboards: what Telegram accepts as reply_markup, and what it refuses."""

from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import ApiError, bad_request

DATA_LIMIT = 64
BUTTON_LIMIT = 300
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
LINK_STARTS = ("http://", "https://", "tg://", "ton://", "mailto:", "tel:")


@dataclass(frozen=True)
class Markup:
    """At most one of these is set."""

    inline: dict[str, Any] | None = None
    keyboard: dict[str, Any] | None = None
    removes_keyboard: bool = False
    force_reply: bool = False


def read_markup(markup: dict[str, Any] | None) -> Markup:
    if not markup:
        return Markup()
    if "inline_keyboard" in markup:
        rows = [[inline_button(button) for button in row] for row in rows_of(markup["inline_keyboard"])]
        rows = [row for row in rows if row]
        return Markup(inline={"inline_keyboard": rows} if rows else None)
    if "keyboard" in markup:
        rows = [[keyboard_button(button) for button in row] for row in rows_of(markup["keyboard"])]
        return Markup(keyboard={**markup, "keyboard": [row for row in rows if row]})
    if markup.get("remove_keyboard"):
        return Markup(removes_keyboard=True)
    if markup.get("force_reply"):
        return Markup(force_reply=True)
    return Markup()


def rows_of(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse reply keyboard markup: Array of Array of buttons expected")
    if sum(len(row) for row in rows) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    return rows


def inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise unreadable("inline keyboard button", 'Field "text" must be a non-empty String')
    actions = [action for action in ACTIONS if action in button]
    if not actions:
        raise unreadable("inline keyboard button", "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise unreadable("inline keyboard button", "exactly one action must be specified")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    url = str(button.get("url", ""))
    if "url" in button and not url.startswith(LINK_STARTS) and "." not in url:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return button


def keyboard_button(button: Any) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise unreadable("keyboard button", 'Field "text" must be a non-empty String')
    return button


def unreadable(what: str, reason: str) -> ApiError:
    return bad_request(f"can't parse {what}: {reason}")
