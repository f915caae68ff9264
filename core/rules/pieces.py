"""What arrives in pieces: the parts of an album, a text the client has cut, and how pieces read as one text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.rules.intake import appended
from core.rules.limits import utf16_length

PART_WAIT = timedelta(seconds=2)
ALBUM_WAIT = timedelta(seconds=10)

MESSAGE_LIMIT = 4096  # UTF-16 units a client puts into one message
# Clients cut at a line, a sentence or a word in the second half, and never earlier.
CUT_FROM = MESSAGE_LIMIT // 2
CUT_WITHIN = timedelta(seconds=2)

SECOND = 1000  # revisions there is room for in one second


@dataclass(frozen=True, slots=True)
class Piece:
    """The words of one message; ``preface`` says whose words they are, ``continues`` that the client cut before."""

    text: str
    preface: str = ""
    continues: bool = False


def album_due(first: datetime, last: datetime) -> datetime:
    """When an album is taken as whole: 2 s after its latest part, 10 s after its first at most."""
    return min(last + PART_WAIT, first + ALBUM_WAIT)


def is_cut(text: str, said_at: datetime, following: datetime) -> bool:
    """Whether a client cut this text and what was said at ``following`` is the rest of it."""
    return timedelta() <= following - said_at <= CUT_WITHIN and utf16_length(text) >= CUT_FROM


def revision_of(edited_at: datetime | None) -> int:
    """What orders the versions of a message: 0 as first sent, else the second of the edit × 1000."""
    return int(edited_at.timestamp()) * SECOND if edited_at else 0


def written(pieces: Sequence[Piece]) -> str:
    """The pieces in order as one text; the same preface is not said twice in a row."""
    whole = preface = before = ""
    for piece in pieces:
        if piece.preface and piece.preface != preface:
            whole = appended(whole, piece.preface)
        preface = piece.preface
        if piece.text:
            whole = _continued(whole, before, piece.text) if piece.continues else appended(whole, piece.text)
            before = piece.text
    return whole


def renewed(whole: str, before: str, after: str) -> str:
    """A text after the words of its messages have changed; what else it says stays."""
    old = before.strip()
    if old and old in whole:
        return whole.replace(old, after.strip(), 1).strip()
    return appended(whole, after).strip() if after.strip() else whole


def _continued(whole: str, before: str, rest: str) -> str:
    """Telegram takes the blank away where it cut; a message that is full to the brim was cut inside a word."""
    if utf16_length(before) >= MESSAGE_LIMIT or before[-1:].isspace():
        return whole + rest
    return appended(whole, rest)
