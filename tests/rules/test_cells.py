"""Text stays text in a spreadsheet, and comes back as it was."""

import pytest

from core.rules.cells import inert, meant

TEXTS = (
    "=1+1",
    "+593991234567",
    "-x",
    "@x",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "0992345678001",
    "1790012345001",
    "42",
    "Ada's",
    "'x",
)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"])
def test_what_looks_like_a_formula_is_marked(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["0992345678001", "1790012345001", "007"])
def test_digits_that_are_no_number_are_kept_from_being_one(text):
    assert inert(text) == f"\t{text}"


@pytest.mark.parametrize("text", ["", "42", "Ferretería", "a=b", "12.5"])
def test_everything_else_is_left_alone(text):
    assert inert(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_a_cell_reads_back_as_what_was_written(text):
    assert meant(inert(text)) == text
