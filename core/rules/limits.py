"""Telegram's limits: how long a text may be, where it may be cut, and how often one may speak."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from core.rules.graphemes import is_boundary

TEXT_LIMIT = 4000  # UTF-16 units; Telegram says 4096 and its sources disagree on the unit
CAPTION_LIMIT = 1000  # UTF-16 units; Telegram says 1024
SUBJECT_LIMIT = 120  # characters
FILE_NAME_SHOWN = 40  # characters of a file's name in a text or on a button of the chat
FILES_SHOWN = 20  # in one message: with the names and buttons of hundreds it would be too long to be sent
TELEGRAM_UPLOAD_LIMIT = 50 * 1024 * 1024  # bytes of a document that a bot may send


ELLIPSIS = "…"

_SENTENCE_ENDS = frozenset(".!?…:;")


def utf16_length(text: str) -> int:
    """The length Telegram counts in: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Cut a text into pieces of at most `limit` UTF-16 units (>= 2, else ValueError), in order.

    Cuts after a paragraph, else a line, a sentence, a word; never inside a grapheme cluster, unless the
    cluster alone is longer than the limit. Joined, the pieces are the text: only pieces of nothing but
    whitespace, which Telegram refuses, are left out. A blank text gives no piece.
    """
    if limit < 2:
        raise ValueError(f"a piece holds at least one character, so 2 units: {limit}")
    return [piece for piece in _pieces(text, limit) if piece.strip()]


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis, in at most `limit` UTF-16 units (>= 2, else ValueError)."""
    if limit < 2:
        raise ValueError(f"there is room for a character and an ellipsis from 2 units on: {limit}")
    if utf16_length(text) <= limit:
        return text
    end = _reach(text, 0, limit - 1)
    cut = _last(text, 0, end, floor=end // 2, is_end=_ends_word) or _last(text, 0, end, floor=0, is_end=is_boundary)
    return text[:cut].rstrip() + ELLIPSIS


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """How often something may be done: `burst` times at once, then once per `interval`.

    `spent_until` is when the bucket will be full again; None, or a time gone by: it is full.
    """

    interval: timedelta
    burst: int = 1
    spent_until: datetime | None = None

    @classmethod
    def per_second(cls, rate: float, *, burst: int = 1) -> Self:
        """A full bucket for `rate` (> 0) tokens a second; raises ValueError for a rate or burst of none."""
        if rate <= 0 or burst < 1:
            raise ValueError(f"a bucket gives tokens: {rate} a second, burst {burst}")
        return cls(interval=timedelta(seconds=1 / rate), burst=burst)

    def take(self, now: datetime) -> tuple["TokenBucket", timedelta]:
        """Take a token: the bucket after it and a wait of zero, or the same bucket and the wait for one."""
        full = now + self.interval * self.burst
        spent_until = min(max(self.spent_until or now, now), full)  # a clock set back must not block
        wait = spent_until + self.interval - full
        if wait > timedelta():
            return replace(self, spent_until=spent_until), wait
        return replace(self, spent_until=spent_until + self.interval), timedelta()


def _pieces(text: str, limit: int) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _cut(text, start, limit)
        yield text[start:end]
        start = end


def _cut(text: str, start: int, limit: int) -> int:
    """Where the piece that begins at `start` ends."""
    end = _reach(text, start, limit)
    if end == len(text):
        return end
    half = start + (end - start) // 2
    ends: tuple[tuple[Callable[[str, int], bool], int], ...] = (
        (_ends_paragraph, half),
        (_ends_line, half),
        (_ends_sentence, half),
        (_ends_word, start),
    )
    for is_end, floor in ends:
        if cut := _last(text, start, end, floor=floor, is_end=is_end):
            return cut
    return _last_whole(text, start, end)


def _reach(text: str, start: int, limit: int) -> int:
    """The farthest index whose text from `start` fits the limit."""
    units, index = 0, start
    while index < len(text):
        units += 1 + (text[index] > "\uffff")
        if units > limit:
            break
        index += 1
    return index


def _last(text: str, start: int, end: int, *, floor: int, is_end: Callable[[str, int], bool]) -> int:
    """The last cut after `floor` and not after `end` that pleases `is_end`; 0 if there is none."""
    cuts = (index for index in range(end, max(floor, start), -1) if is_end(text, index))
    return next((index for index in cuts if is_boundary(text, index)), 0)


def _last_whole(text: str, start: int, end: int) -> int:
    """The last grapheme boundary, or `end` where one cluster alone fills the piece."""
    return _last(text, start, end, floor=start, is_end=is_boundary) or end


def _ends_paragraph(text: str, index: int) -> bool:
    return text.endswith(("\n\n", "\n\r\n"), 0, index)


def _ends_line(text: str, index: int) -> bool:
    return text[index - 1] == "\n"


def _ends_sentence(text: str, index: int) -> bool:
    return text[index - 1].isspace() and text[max(index - 2, 0)] in _SENTENCE_ENDS


def _ends_word(text: str, index: int) -> bool:
    return text[index - 1].isspace()
