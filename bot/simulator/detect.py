"""Entities nobody marked: commands, links, mentions, hashtags, addresses, phone numbers."""

import re
from typing import Any

PATTERNS = (
    (
        "url",
        re.compile(
            r"(?:https?://|tg://)[^\s<>\"«»]+|(?<![\w@./-])(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*"
            r"\.(?:com|net|org|ec|io|info|gob|edu|dev|app|me|es)(?:/[^\s<>\"«»]*)?(?![\w@-])",
            re.I,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z0-9_]{4,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d{10,15}(?!\w)")),
)
HINTS = frozenset("/@#.+")


def utf16(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def detect(text: str, marked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The marked entities and the found ones outside of links and code, in order."""
    if HINTS.isdisjoint(text):
        return marked
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in marked
        if entity["type"] in ("code", "pre", "text_link", "text_mention")
    ]
    found: list[dict[str, Any]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            words = match.group().rstrip(".,;:!?)") if kind == "url" else match.group()
            start = utf16(text[: match.start()])
            end = start + utf16(words)
            if all(end <= left or start >= right for left, right in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return sorted([*marked, *found], key=lambda entity: (entity["offset"], -entity["length"]))
