"""Cuts a conversation into pages that fit one message each, losing nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from core.rules.limits import FILES_SHOWN, TEXT_LIMIT, split_text, utf16_length

ROOM = TEXT_LIMIT - 1100  # what the ticket's own head and the page number take


@dataclass(frozen=True)
class Line:
    """An article, or a piece of a long one (then only the first has a head); ``files`` are ids."""

    position: int
    head: str
    text: str
    files: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return utf16_length(self.head) + utf16_length(self.text) + 3


def pages_of(lines: Sequence[Line]) -> list[list[Line]]:
    """At least one page; each page's lines fit one message, and their files its keyboard."""
    pages: list[list[Line]] = [[]]
    room, keys = ROOM, FILES_SHOWN
    for piece in (piece for line in lines for piece in _pieces(line)):
        if pages[-1] and (piece.size > room or len(piece.files) > keys):
            pages.append([])
            room, keys = ROOM, FILES_SHOWN
        pages[-1].append(piece)
        room, keys = room - piece.size, keys - len(piece.files)
    return pages


def _pieces(line: Line) -> list[Line]:
    texts = split_text(line.text, ROOM - utf16_length(line.head) - 3) or [line.text]
    handfuls = [line.files[start : start + FILES_SHOWN] for start in range(0, len(line.files), FILES_SHOWN)]
    pieces = list(zip_longest(texts, handfuls))
    return [
        replace(line, text=text or "…", head="" if index else line.head, files=files or ())
        for index, (text, files) in enumerate(pieces)
    ]
