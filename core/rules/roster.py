"""A list of companies as it comes out of a spreadsheet: what each line says, and what is wrong with it."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.rules.cells import meant
from core.rules.identity import NAME_LONGEST, normalise_phone, read_address, read_ruc, ruc_warning
from core.rules.purchases import LARGEST_PURCHASE
from core.rules.words import fold

LINES_LIMIT = 10_000
BYTES_LIMIT = 5 * 1024 * 1024


class Flaw(StrEnum):
    """Why a file as a whole cannot be read."""

    EMPTY = "empty"
    NO_TEXT = "no_text"
    NO_COLUMNS = "no_columns"
    TOO_LONG = "too_long"


class Problem(StrEnum):
    """Why a line is left out."""

    RUC_MISSING = "ruc_missing"
    RUC_WRONG = "ruc_wrong"
    ZERO_LOST = "zero_lost"
    RUC_TWICE = "ruc_twice"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    EMAIL_WRONG = "email_wrong"
    PHONE_WRONG = "phone_wrong"
    MINUTES_WRONG = "minutes_wrong"
    MINUTES_REFUSED = "minutes_refused"


class Doubt(StrEnum):
    """What somebody should look at; the line is taken all the same."""

    CHECK_DIGIT = "check_digit"
    NO_CONTACT = "no_contact"


class UnreadableError(ValueError):
    """The file as a whole cannot be read."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True)
class Line:
    """One company of the file; ``number`` is the line a spreadsheet shows. A problem carries what was written."""

    number: int
    ruc: str
    name: str
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    minutes: int | None = None
    problems: Sequence[tuple[Problem, str]] = ()
    doubts: Sequence[Doubt] = ()


# a column → how its head may be written, folded
COLUMNS: Mapping[str, frozenset[str]] = {
    "ruc": frozenset({"ruc", "cedula/ruc", "identificacion"}),
    "name": frozenset({"nombre", "name", "razon social", "empresa", "company", "cliente"}),
    "emails": frozenset({"correo", "correos", "email", "emails", "e-mail", "e-mails", "correo electronico"}),
    "phones": frozenset({"telefono", "telefonos", "phone", "phones", "celular", "celulares"}),
    "minutes": frozenset({"minutos", "minutos comprados", "minutes", "purchased minutes", "purchased_minutes"}),
}
_NEEDED = ("ruc", "name")

_ENCODINGS = ("utf-8-sig", "cp1252")  # spreadsheets in Spanish still write the second
_BETWEEN_ADDRESSES = re.compile(r"[\s,;|]+")
_BETWEEN_NUMBERS = re.compile(r"[\n,;|/]+")
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
_DIGITS = re.compile(r"[0-9]{1,7}")


def read(content: bytes) -> list[Line]:
    """Every line of a file with a head, blank ones left out. Raises UnreadableError."""
    rows = _rows(_text(content))
    try:
        head = next(rows, None)
        if head is None:
            raise UnreadableError(Flaw.EMPTY)
        places = _places(head[1])
        known: set[str] = set()
        lines: list[Line] = []
        for number, cells in rows:
            if len(lines) == LINES_LIMIT:
                raise UnreadableError(Flaw.TOO_LONG)
            lines.append(_line(number, {column: _cell(cells, place) for column, place in places.items()}, known))
    except csv.Error:
        raise UnreadableError(Flaw.NO_TEXT) from None
    if not lines:
        raise UnreadableError(Flaw.EMPTY)
    return lines


def without_purchases(lines: Sequence[Line]) -> list[Line]:
    """The lines for somebody who may not record purchased hours: whatever brings some has a problem."""
    return [
        replace(line, minutes=None, problems=(*line.problems, (Problem.MINUTES_REFUSED, str(line.minutes))))
        if line.minutes
        else line
        for line in lines
    ]


def _text(content: bytes) -> str:
    if len(content) > BYTES_LIMIT:
        raise UnreadableError(Flaw.TOO_LONG)
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else _ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableError(Flaw.NO_TEXT)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with the number of its last line."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    between = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _places(head: Sequence[str]) -> Mapping[str, int]:
    """Column → where it stands. Raises UnreadableError where a needed one is missing."""
    names = [" ".join(fold(cell).split()) for cell in head]
    places = {
        column: next(index for index, name in enumerate(names) if name in known)
        for column, known in COLUMNS.items()
        if any(name in known for name in names)
    }
    if any(column not in places for column in _NEEDED):
        raise UnreadableError(Flaw.NO_COLUMNS)
    return places


def _cell(cells: Sequence[str], place: int) -> str:
    return meant(cells[place]) if place < len(cells) else ""


def _line(number: int, cells: Mapping[str, str], known: set[str]) -> Line:
    """``known`` are the RUCs of the lines before."""
    problems: list[tuple[Problem, str]] = []
    ruc = _ruc(cells["ruc"], known, problems)
    name = _name(cells["name"], problems)
    emails = _several(_BETWEEN_ADDRESSES, cells.get("emails", ""), read_address, Problem.EMAIL_WRONG, problems)
    phones = _several(_BETWEEN_NUMBERS, cells.get("phones", ""), normalise_phone, Problem.PHONE_WRONG, problems)
    minutes = _minutes(cells.get("minutes", ""), problems)
    doubts = [Doubt.CHECK_DIGIT] if read_ruc(ruc) and ruc_warning(ruc) else []
    if not emails and not phones:
        doubts.append(Doubt.NO_CONTACT)
    return Line(number, ruc, name, emails, phones, minutes, tuple(problems), tuple(doubts))


def _ruc(text: str, known: set[str], problems: list[tuple[Problem, str]]) -> str:
    ruc = read_ruc(text)
    if ruc is None:
        lost = _TWELVE_DIGITS.fullmatch(text) and read_ruc(f"0{text}")
        wrong = Problem.RUC_MISSING if not text else Problem.ZERO_LOST if lost else Problem.RUC_WRONG
        problems.append((wrong, text[:40]))
        return text[:40]
    if ruc in known:
        problems.append((Problem.RUC_TWICE, ruc))
    known.add(ruc)
    return ruc


def _name(text: str, problems: list[tuple[Problem, str]]) -> str:
    name = " ".join(text.split())
    if not name:
        problems.append((Problem.NAME_MISSING, ""))
    if len(name) > NAME_LONGEST:
        problems.append((Problem.NAME_TOO_LONG, ""))
    return name[:NAME_LONGEST]


def _several(
    between: re.Pattern[str],
    text: str,
    read_one: Callable[[str], str | None],
    wrong: Problem,
    problems: list[tuple[Problem, str]],
) -> tuple[str, ...]:
    """What stands in one cell, each once."""
    found: dict[str, None] = {}
    for part in filter(None, map(str.strip, between.split(text))):
        value = read_one(part)
        if value is None:
            problems.append((wrong, part[:60]))
        else:
            found[value] = None
    return tuple(found)


def _minutes(text: str, problems: list[tuple[Problem, str]]) -> int | None:
    if not text:
        return None
    if not _DIGITS.fullmatch(text) or int(text) > LARGEST_PURCHASE:
        problems.append((Problem.MINUTES_WRONG, text[:20]))
        return None
    return int(text)
