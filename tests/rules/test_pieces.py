"""Pieces of one thing: when an album is whole, what a client has cut, how pieces read together."""

from datetime import UTC, datetime, timedelta

import pytest

from core.rules.pieces import Piece, album_due, is_cut, renewed, revision_of, written

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def seconds(count: float) -> datetime:
    return START + timedelta(seconds=count)


@pytest.mark.parametrize(("last", "due"), [(0, 2), (1.5, 3.5), (7.9, 9.9), (8, 10), (9, 10), (9.9, 10)])
def test_an_album_waits_two_seconds_for_more_and_ten_in_all(last: float, due: float):
    assert album_due(START, seconds(last)) == seconds(due)


@pytest.mark.parametrize(
    ("units", "later", "cut"),
    [(4096, 0, True), (2048, 2, True), (2047, 0, False), (4096, 3, False), (4096, -1, False)],
)
def test_a_long_text_goes_on_in_the_next_message(units: int, later: int, cut: bool):
    assert is_cut("x" * units, START, seconds(later)) is cut


def test_an_emoji_counts_as_the_client_counts():
    assert is_cut("😀" * 1024, START, START)


def test_pieces_read_as_they_were_written():
    assert written([Piece("uno"), Piece(""), Piece("dos")]) == "uno\ndos"
    assert written([Piece("a", "De Luis:"), Piece("", "De Luis:"), Piece("b")]) == "De Luis:\na\nb"
    assert written([Piece("a"), Piece("b", "De Luis:"), Piece("c", "De Eva:")]) == "a\nDe Luis:\nb\nDe Eva:\nc"
    full = "x" * 4096
    assert written([Piece(full), Piece("yz", continues=True)]) == full + "yz"
    assert written([Piece("x" * 3000), Piece("y", continues=True)]) == "x" * 3000 + "\ny"
    assert written([Piece("fin "), Piece("y", continues=True)]) == "fin y"
    assert written([]) == ""


def test_a_text_takes_new_words_and_keeps_what_else_it_says():
    assert renewed("uno", "uno", "dos") == "dos"
    assert renewed("antes\nuno", "uno", "dos") == "antes\ndos"
    assert renewed("antes", "", "dos") == "antes\ndos"
    assert renewed("otra cosa", "uno", "dos") == "otra cosa\ndos"
    assert renewed("uno", "uno", "") == ""
    assert renewed("antes", "", "") == "antes"


def test_a_revision_orders_edits_by_their_second():
    assert revision_of(None) == 0
    assert revision_of(seconds(1)) - revision_of(START) == 1000
