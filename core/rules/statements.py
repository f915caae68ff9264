"""In which form a company's statement is given away, and for how far back."""

from collections.abc import Mapping
from enum import StrEnum

MONTHS_OFFERED = 12  # in the chat; whoever needs older ones asks the desk


class StatementForm(StrEnum):
    """A document to read, or a table to count with; the values are the endings of the files."""

    PDF = "pdf"
    CSV = "csv"


MEDIA_TYPES: Mapping[StatementForm, str] = {
    StatementForm.PDF: "application/pdf",
    StatementForm.CSV: "text/csv; charset=utf-8",
}
