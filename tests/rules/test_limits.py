"""Limits: cutting loses nothing and breaks nothing, and a bucket never gives more than it may."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.rules.graphemes import is_boundary
from core.rules.limits import (
    CAPTION_LIMIT,
    SUBJECT_LIMIT,
    TEXT_LIMIT,
    TokenBucket,
    shorten,
    split_text,
    utf16_length,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIGNS = st.sampled_from(
    [
        "a",
        "ñ",
        "n\u0303",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        ". ",
        "? ",
        "palabra",
        "👍🏽",
        "👨‍👩‍👧‍👦",
        "🇪🇨",
        "한",
        "\u0301",
        "\u200d",
        "\ufe0f",
        "😀",
        "क्षि",
        "\t",
        "\u00a0",
    ]
)
TEXTS = st.lists(SIGNS, max_size=120).map("".join) | st.text(max_size=200)


def without_blanks(text):
    return "".join(text.split())


def test_the_limits_stay_below_telegrams():
    assert (TEXT_LIMIT, CAPTION_LIMIT, SUBJECT_LIMIT) == (4000, 1000, 120)


@pytest.mark.parametrize("text", ["", "hola", "ñandú", "😀", "👨‍👩‍👧‍👦", "a😀b", "\U0010ffff\uffff"])
def test_the_length_is_that_of_utf16(text):
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@settings(max_examples=400)
@given(TEXTS, st.integers(2, 60))
def test_splitting_loses_nothing_and_breaks_nothing(text, limit):
    pieces = split_text(text, limit)
    at = 0
    for piece in pieces:
        assert 0 < utf16_length(piece) <= limit
        assert piece.strip()
        start = text.index(piece, at)
        assert not text[at:start].strip()
        at = start + len(piece)
    assert not text[at:].strip()
    assert without_blanks("".join(pieces)) == without_blanks(text)


@settings(max_examples=400)
@given(TEXTS, st.integers(20, 60))
def test_cuts_stand_between_graphemes(text, limit):
    cuts = [index for index in range(len(text) + 1) if is_boundary(text, index)]
    assume(all(utf16_length(text[start:end]) <= limit for start, end in pairwise(cuts)))
    at = 0
    for piece in split_text(text, limit):
        at = text.index(piece, at) + len(piece)
        assert at in cuts


@given(st.lists(st.sampled_from(["una", "dos. ", "tres\n", "cuatro\n\n", " ", "👍🏽 "]), max_size=80).map("".join))
def test_without_blank_pieces_the_pieces_joined_are_the_text(text):
    pieces = split_text(text + "fin", 30)
    assert "".join(pieces) == text + "fin" or re.search(r"\s{15}", text)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("hola", 4, ["hola"]),
        ("uno dos\n\ntres. cuatro", 16, ["uno dos\n\n", "tres. cuatro"]),
        ("uno dos\r\n\r\ntres cuatro", 18, ["uno dos\r\n\r\n", "tres cuatro"]),
        ("uno dos\n\ntres\ncuatro cinco", 17, ["uno dos\n\n", "tres\ncuatro cinco"]),
        ("uno. dos\ntres. cuatro", 16, ["uno. dos\n", "tres. cuatro"]),
        ("uno dos. tres cuatro", 15, ["uno dos. ", "tres cuatro"]),
        ("uno dos tres cuatro", 15, ["uno dos tres ", "cuatro"]),
        ("u\n\nno dos tres cuatro", 15, ["u\n\nno dos tres ", "cuatro"]),
        ("ve https://saci.ec/x", 17, ["ve ", "https://saci.ec/x"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("😀😀😀", 5, ["😀😀", "😀"]),
        ("aaaa\n", 4, ["aaaa"]),
        ("aa👍🏽", 5, ["aa", "👍🏽"]),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 15, ["👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"]),
        ("🇪🇨🇪🇨", 7, ["🇪🇨", "🇪🇨"]),
        ("e\u0301" * 3, 5, ["e\u0301e\u0301", "e\u0301"]),
        ("a" + "\u0301" * 5, 3, ["a\u0301\u0301", "\u0301\u0301\u0301"]),
    ],
)
def test_where_a_text_is_cut(text, limit, pieces):
    assert split_text(text, limit) == pieces


def test_a_long_article_comes_in_few_pieces():
    article = "Al facturar sale el error 35 y no deja continuar. " * 1000
    pieces = split_text(article)
    assert "".join(pieces) == article
    assert len(pieces) == 13


@pytest.mark.parametrize("limit", [1, 0, -4])
def test_no_piece_is_smaller_than_a_character(limit):
    for cut in (split_text, shorten):
        with pytest.raises(ValueError, match="2"):
            cut("hola", limit)


@given(TEXTS, st.integers(2, 60))
def test_shortening_keeps_a_beginning_that_fits(text, limit):
    short = shorten(text, limit)
    assert utf16_length(short) <= limit
    if utf16_length(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])
        assert is_boundary(text, len(short) - 1)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("No imprime facturas", 19, "No imprime facturas"),
        ("No imprime facturas", 18, "No imprime…"),
        ("No imprime facturas", 12, "No imprime…"),
        ("Desoxirribonucleico", 6, "Desox…"),
        ("A desoxirribonucleico", 12, "A desoxirri…"),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 13, "👨‍👩‍👧‍👦…"),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 5, "…"),
    ],
)
def test_how_a_text_is_shortened(text, limit, short):
    assert shorten(text, limit) == short


def test_a_bucket_gives_its_burst_and_then_one_by_one():
    bucket, waits = TokenBucket.per_second(1, burst=3), []
    for _ in range(5):
        bucket, wait = bucket.take(NOON)
        waits.append(wait.total_seconds())
    assert waits == [0, 0, 0, 1, 1]
    bucket, wait = bucket.take(NOON + timedelta(seconds=0.5))
    assert wait == timedelta(seconds=0.5)
    bucket, wait = bucket.take(NOON + timedelta(seconds=1))
    assert wait == timedelta()


@given(
    rate=st.sampled_from([0.5, 1.0, 3.0, 25.0, 1000.0]),
    burst=st.integers(1, 5),
    steps=st.lists(st.integers(0, 3000), max_size=60),
)
def test_a_bucket_never_gives_more_than_it_may(rate, burst, steps):
    bucket, now, given_at = TokenBucket.per_second(rate, burst=burst), NOON, []
    for milliseconds in steps:
        now += timedelta(milliseconds=milliseconds)
        bucket, wait = bucket.take(now)
        assert wait >= timedelta()
        if wait:
            now += wait
            bucket, wait = bucket.take(now)
        assert not wait, "whoever waits as told is served"
        given_at.append(now)
    for first, start in enumerate(given_at):
        for last in range(first, len(given_at)):
            span = given_at[last] - start
            assert last - first + 1 <= burst + span / bucket.interval + 1e-9


@given(st.integers(1, 5), st.integers(0, 10))
def test_a_bucket_refills_to_its_burst_and_no_further(burst, hours):
    bucket = TokenBucket.per_second(1, burst=burst)
    for _ in range(burst):
        bucket, _ = bucket.take(NOON)
    later = NOON + timedelta(hours=1 + hours)
    for _ in range(burst):
        bucket, wait = bucket.take(later)
        assert not wait
    assert bucket.take(later)[1]


def test_a_clock_set_back_blocks_for_an_interval_at_most():
    bucket = TokenBucket.per_second(1, burst=3)
    for _ in range(3):
        bucket, _ = bucket.take(NOON)
    _, wait = bucket.take(NOON - timedelta(days=1))
    assert wait == timedelta(seconds=1)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_that_gives_nothing_is_refused(rate, burst):
    with pytest.raises(ValueError, match="tokens"):
        TokenBucket.per_second(rate, burst=burst)
