"""What a report could say, taken from the conversation: a proposal that whoever closes completes."""

import re
from collections.abc import Iterable

from core.rules.limits import shorten

SYMPTOM_LIMIT = 200
SOLUTION_LIMIT = 2000

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s|\n")


def symptom(subject: str, description: str) -> str:
    """The first sentence of what was reported; the subject where that is nothing, or a question."""
    first = next(filter(None, map(str.strip, _SENTENCE_ENDS.split(description))), "")
    told = subject if not first or first.endswith("?") else first
    return shorten(" ".join(told.split()), SYMPTOM_LIMIT)


def solution(answers: Iterable[str]) -> str:
    """The desk's last answer that is no question; empty where there is none. ``answers``: the oldest first."""
    said = [text.strip() for text in answers]
    last = next((text for text in reversed(said) if text and not text.endswith("?")), "")
    return shorten(last, SOLUTION_LIMIT)
