"""What a spreadsheet says of companies, line by line."""

import pytest

from core.rules.roster import LINES_LIMIT, Doubt, Flaw, Problem, UnreadableError, read

HEAD = "ruc;nombre;correos;telefonos;minutos\n"


def problems(line: str) -> list[Problem]:
    return [problem for problem, _said in read(f"{HEAD}{line}\n".encode())[0].problems]


def test_a_line_that_says_everything():
    (line,) = read(f'{HEAD}1790016919001;"Favorita; C.A.";"a@b.ec, c@d.ec";"0991234567/022996500";120\n'.encode())
    assert (line.number, line.ruc, line.name, line.minutes) == (2, "1790016919001", "Favorita; C.A.", 120)
    assert (line.emails, line.phones) == (("a@b.ec", "c@d.ec"), ("+593991234567", "+59322996500"))
    assert (line.problems, line.doubts) == ((), ())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (";Sol;;;", Problem.RUC_MISSING),
        ("12;Sol;;;", Problem.RUC_WRONG),
        ("9.92346E+11;Sol;;;", Problem.RUC_WRONG),
        ("2590016919001;Sol;;;", Problem.RUC_WRONG),
        ("992345678001;Sol;;;", Problem.ZERO_LOST),
        ("1790016919001; ;;;", Problem.NAME_MISSING),
        (f"1790016919001;{'x' * 201};;;", Problem.NAME_TOO_LONG),
        ("1790016919001;Sol;ada@;;", Problem.EMAIL_WRONG),
        ("1790016919001;Sol;;12;", Problem.PHONE_WRONG),
        ("1790016919001;Sol;;;-5", Problem.MINUTES_WRONG),
        ("1790016919001;Sol;;;1,5", Problem.MINUTES_WRONG),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line, problem):
    assert problems(line) == [problem]


def test_the_second_of_two_lines_with_one_ruc_is_wrong_and_a_check_digit_is_only_doubted():
    one, two = read(f"{HEAD}1790012345009;Sol;a@b.ec;;\n\n1790 012345 009;Luna;a@b.ec;;\n".encode())
    assert (one.problems, one.doubts) == ((), (Doubt.CHECK_DIGIT,))
    assert [problem for problem, _ in two.problems] == [Problem.RUC_TWICE]
    assert two.number == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_what_spreadsheets_write_is_read(encoding, between):
    text = f"RUC{between}Razón Social\r\n1790016919001{between}Ñandú\r\n"
    assert [line.name for line in read(text.encode(encoding))] == ["Ñandú"]


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b"", Flaw.EMPTY),
        (HEAD.encode(), Flaw.EMPTY),
        (b"PK\x03\x04\x00\x00", Flaw.NO_TEXT),
        (b"ruc,telefono\n1790016919001,1\n", Flaw.NO_COLUMNS),
        (b"x" * (5 * 1024 * 1024 + 1), Flaw.TOO_LONG),
        (HEAD.encode() + b"1;x\n" * (LINES_LIMIT + 1), Flaw.TOO_LONG),
    ],
)
def test_a_file_that_is_no_list_says_why(content, flaw):
    with pytest.raises(UnreadableError) as refused:
        read(content)
    assert refused.value.flaw is flaw
