"""What the checks report: a kind, which is a column of the table, and one sentence."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    LOST = "lost"
    DOUBLED_TICKET = "doubled tickets"
    DOUBLED_ARTICLE = "doubled articles"
    COPIES = "copies > 2"
    INVERSION = "inversions"
    STUCK = "stuck"
    OTHER = "other"


class Finding(NamedTuple):
    kind: Kind
    says: str


Findings = Iterator[Finding]


def one(found: int, what: str, *, doubled: Kind = Kind.DOUBLED_ARTICLE) -> Findings:
    """What must be there exactly once."""
    if not found:
        yield Finding(Kind.LOST, f"{what} is not there")
    elif found > 1:
        yield Finding(doubled, f"{what} is there {found} times")
