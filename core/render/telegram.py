"""Payloads of Telegram's methods from templates: escaped, within the limits, nothing cut."""

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.i18n import Translator
from core.render.buttons import Button, keyboard
from core.rules.limits import CAPTION_LIMIT, TEXT_LIMIT, split_text, utf16_length

Rows = list[list[Button]]

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, t: Translator, **values: object) -> str:
    """The HTML of ``templates/<name>/telegram.html``, without blank lines at its ends."""
    return _templates.get_template(f"{name}/telegram.html").render(t=t, plural=t.plural, **values).strip()


def plain(text: str) -> str:
    """Text for a message without markup of its own."""
    return escape(text)


def words_of(payload: Mapping[str, Any]) -> str:
    """What a message says, without its markup; empty for a file without words."""
    words = str(payload.get("text") or payload.get("caption") or "")
    return unescape(re.sub(r"<[^>]+>", "", words)) if payload.get("parse_mode") == "HTML" else words


def message(html: str, rows: Rows | None = None, *, silent: bool = False) -> dict[str, Any]:
    """A payload of sendMessage or editMessageText."""
    payload: dict[str, Any] = {"text": html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    if rows is not None:
        payload["reply_markup"] = keyboard(rows)
    if silent:
        payload["disable_notification"] = True
    return payload


def captioned(html: str, rows: Rows) -> dict[str, Any]:
    """The words of a payload of sendDocument; the document is added to it."""
    return {"caption": html, "parse_mode": "HTML", "reply_markup": keyboard(rows)}


def with_keyboard(html: str, labels: Sequence[Sequence[str]], *, contact: str | None = None) -> dict[str, Any]:
    """A message that brings the reply keyboard; ``contact`` labels a button that shares the own number."""
    rows: list[list[dict[str, object]]] = [[{"text": label} for label in row] for row in labels]
    if contact is not None:
        rows.insert(0, [{"text": contact, "request_contact": True}])
    return message(html) | {
        "reply_markup": {"keyboard": rows, "resize_keyboard": True, "is_persistent": contact is None}
    }


def without_keyboard(html: str) -> dict[str, Any]:
    """A message that takes the reply keyboard away."""
    return message(html) | {"reply_markup": {"remove_keyboard": True}}


def long_message(name: str, t: Translator, *, text: str, rows: Rows | None, **values: object) -> list[dict[str, Any]]:
    """A template around a text of any length: the first message has the frame, the last the buttons.

    The template gets ``text`` (a piece), ``is_first`` and ``is_last``; a piece leaves room for the frame.
    """
    frame = utf16_length(page(name, t, text="", is_first=True, is_last=True, **values))
    pieces = _pieces(text, room=max(500, TEXT_LIMIT - frame))
    last = len(pieces) - 1
    pages = [
        page(name, t, text=piece, is_first=index == 0, is_last=index == last, **values)
        for index, piece in enumerate(pieces)
    ]
    return [message(html, rows if html is pages[-1] else None) for html in pages]


def caption(name: str, t: Translator, *, text: str, **values: object) -> str | None:
    """The same page as a caption, or None where it does not fit."""
    html = page(name, t, text=text, is_first=True, is_last=True, **values)
    return html if utf16_length(html) <= CAPTION_LIMIT else None


def _pieces(text: str, *, room: int) -> list[str]:
    """Escaping makes texts longer (``&`` becomes ``&amp;``) but Telegram counts after parsing: plain length rules."""
    return split_text(text, room) or [text]
