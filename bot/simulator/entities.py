"""Formatted words: marked up by parse_mode or by entities, measured in UTF-16 units."""

from typing import Any

from bot.simulator.detect import detect, utf16
from bot.simulator.errors import bad_request
from bot.simulator.html_mode import parse_html
from bot.simulator.markdown_mode import parse_markdown

Entity = dict[str, Any]


def formatted(text: str, parse_mode: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """What the chat shows: the words without markup, trimmed, and where they are bold, links, code."""
    mode = parse_mode.lower()
    marked: list[Entity] = []
    if mode == "html":
        text, marked = parse_html(text)
    elif mode == "markdownv2":
        text, marked = parse_markdown(text)
    elif mode not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    else:
        marked = [entity for entity in entities if isinstance(entity, dict)]
        check_offsets(text, marked)
    text, marked = trimmed(text.replace("\r", ""), marked)
    return text, detect(text, marked)


def check_offsets(text: str, entities: list[Entity]) -> None:
    size = utf16(text)
    for entity in entities:
        offset, length = entity.get("offset"), entity.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length <= 0:
            raise bad_request("can't parse MessageEntity: entity has wrong offset or length")
        if offset + length > size:
            reason = f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
            raise bad_request(f"{reason} at UTF-16 offset {offset + length}")


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without blanks around it; entities move along and lose what is gone."""
    kept = text.strip()
    if kept == text:
        return text, entities
    shift = utf16(text[: len(text) - len(text.lstrip())])
    size = utf16(kept)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] + entity["length"] - shift, size)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved
