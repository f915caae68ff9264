"""Tables for spreadsheets: no cell is ever a live formula, whatever somebody wrote into a name."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from core.rules.cells import inert

Row = Sequence[str | int]


def as_csv(rows: Iterable[Row]) -> bytes:
    """As a spreadsheet in Ecuador opens it by a double click: semicolons, because the comma is for decimals there.

    UTF-8 with its mark for the accents; text is quoted and inert.
    """
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
    written.writerows([[inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """One sheet; text is written as text, numbers as numbers."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(line, column, cell)
    return content.getvalue()
