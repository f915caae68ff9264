"""Graphemes: what people see as one character is never cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.graphemes import is_boundary


def clusters(text):
    cuts = [index for index in range(len(text) + 1) if is_boundary(text, index)]
    return [text[start:end] for start, end in pairwise(cuts)]


@pytest.mark.parametrize(
    "one",
    [
        "a",
        "ñ",
        "n\u0303",
        "e\u0301\u0323\u0300",
        "\r\n",
        "👍",
        "👍🏽",
        "❤\ufe0f",
        "☺\ufe0e",
        "1\ufe0f\u20e3",
        "👨‍👩‍👧‍👦",
        "🏳\ufe0f‍🌈",
        "👩🏾‍💻",
        "🧑🏻‍❤\ufe0f‍💋‍🧑🏿",
        "🇪🇨",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "한",
        "\u1112\u1161\u11ab",
        "하\u11ab",
        "하\u1161",
        "नि",
        "क्षि",
        "ก\u0e49",
        "\u06001",
        "ｶ\uff9e",
        "\ud83d\ude00",
        "s\u200c",
    ],
)
def test_one_character_whole(one):
    assert clusters(one) == [one]
    assert clusters("x" + one + "x")[1:-1] == [one]


@pytest.mark.parametrize(
    "several",
    [
        ["a", "b"],
        ["a", " ", "\n"],
        ["\n", "\r"],
        ["\r\n", "\r\n"],
        ["🇪🇨", "🇵🇪", "🇨🇴"],
        ["🇪🇨", "🇵"],
        ["👍🏽", "👍🏿", "a\u0301"],
        ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"],
        ["한", "국"],
        ["한", "\u1161"],
        ["क", "ख"],
        ["\n", "\u0301"],
        ["a", "\u200b", "\u0301"],
        ["👦\u200d", "\u00a0", "a"],
        ["\u0600", " ", "1"],
        ["\ud83d", "x"],
        ["\ude00", "\ud83d"],
    ],
)
def test_several_characters_may_be_cut_apart(several):
    assert clusters("".join(several)) == several


@pytest.mark.parametrize("index", [-1, 0, 3, 4])
def test_the_ends_are_boundaries(index):
    assert is_boundary("e\u0301\u0300", index)


@given(st.text(), st.integers(-5, 300))
def test_any_text_has_an_answer(text, index):
    assert is_boundary(text, index) in (True, False)
    assert "".join(clusters(text)) == text
