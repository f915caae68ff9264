"""What of a text can be drawn: no sign without a shape, and a place to break in every long word."""

import re

from core.rules.graphemes import is_boundary

_LONGEST_WORD = 24  # longer than any Spanish word: a path, a key, a hash; hyphenation does not help there
_BREAK_EVERY = 8
_ZERO_WIDTH_SPACE = "\u200b"
_BOX = "□"

# controls, halves of surrogate pairs, non-characters, and marks that turn the direction of what follows
_SHAPELESS = "".join(
    [
        "\u0000-\u0008\u000b-\u001f\u007f-\u009f",
        "\u202a-\u202e\u2066-\u2069",
        "\ufff9-\ufffb",
        "\ud800-\udfff",
        "\ufdd0-\ufdef",
        *(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)),
    ]
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"

_WITHOUT_SHAPE = re.compile(f"[{_SHAPELESS}]")
_HEAPED_MARKS = re.compile(f"([{_MARKS}]{{8}})[{_MARKS}]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_LONG_WORD = re.compile(rf"[^\s{_ZERO_WIDTH_SPACE}]{{{_LONGEST_WORD + 1},}}")
_UNCOMMON = re.compile("[^\n\u0020-\u007e\u00a1-\u024f\u2010-\u2027\u2030-\u203a\u20ac]")


def drawable(text: str, *, reduced: bool = False) -> str:
    """The text as it can be set in lines; ``reduced`` puts a box for all but common European writing."""
    text = _WITHOUT_SHAPE.sub("", "\n".join(text.splitlines()))
    # marks heaped on one letter would cover the page, and no writing stacks more than a few
    text = _BLANK_LINES.sub("\n\n\n", _HEAPED_MARKS.sub(r"\1", text))
    if reduced:
        text = _UNCOMMON.sub(_BOX, text)
    return _LONG_WORD.sub(lambda word: _breakable(word[0]), text)


def _breakable(word: str) -> str:
    pieces, start = [], 0
    for index in range(1, len(word)):
        if index - start >= _BREAK_EVERY and is_boundary(word, index):
            pieces.append(word[start:index])
            start = index
    return _ZERO_WIDTH_SPACE.join([*pieces, word[start:]])
