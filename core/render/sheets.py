"""Tables for spreadsheets: no cell is ever a live formula, whatever somebody wrote into a name."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

Row = Sequence[str | int]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with its mark, which spreadsheets need to read accents; text that looks like a formula is quoted."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_inert(cell) for cell in row] for row in rows])
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


def _inert(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
