"""Column types used by several tables."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Enum
from sqlalchemy.orm import MappedColumn, mapped_column


def enum_column(kind: type[StrEnum], **options: Any) -> MappedColumn[Any]:
    """The values of ``kind`` as short text, checked in Python: a new value needs no migration."""
    return mapped_column(
        Enum(kind, native_enum=False, create_constraint=False, length=32, values_callable=_values), **options
    )


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]
