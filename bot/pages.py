"""Cuts a conversation into pages that fit one message each, losing nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.rules.limits import TEXT_LIMIT, split_text, utf16_length

ROOM = TEXT_LIMIT - 700  # what the ticket's own head and the page number take


@dataclass(frozen=True)
class Line:
    """An article, or a piece of a long one (then only the first has a head)."""

    position: int
    head: str
    text: str

    @property
    def size(self) -> int:
        return utf16_length(self.head) + utf16_length(self.text) + 3


def pages_of(lines: Sequence[Line]) -> list[list[Line]]:
    """At least one page; each page's lines fit one message."""
    pages: list[list[Line]] = [[]]
    room = ROOM
    for piece in (piece for line in lines for piece in _pieces(line)):
        if piece.size > room and pages[-1]:
            pages.append([])
            room = ROOM
        pages[-1].append(piece)
        room -= piece.size
    return pages


def _pieces(line: Line) -> list[Line]:
    texts = split_text(line.text, ROOM - utf16_length(line.head) - 3) or [line.text]
    return [replace(line, text=text, head=line.head if index == 0 else "") for index, text in enumerate(texts)]
