"""Finding words whatever their case and accents, with the same answer on every database."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import InstrumentedAttribute

_ACCENTED = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunaeiouun")
_PAIRS = tuple(zip("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunaeiouun", strict=True))
WORDS_LIMIT = 8


def contains_words(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Every word of the text stands in one of the columns."""
    words = text.translate(_ACCENTED).lower().split()[:WORDS_LIMIT]
    folded = [_fold(column) for column in columns]
    return and_(*(or_(*(column.contains(word, autoescape=True) for column in folded)) for word in words))


def _fold(column: InstrumentedAttribute[str]) -> ColumnElement[Any]:
    # SQLite's lower() knows ASCII only, so the accented capitals go first
    folded: ColumnElement[Any] = column  # type: ignore[assignment]
    for accented, plain in _PAIRS:
        folded = func.replace(folded, accented, plain)
    return func.lower(folded)
