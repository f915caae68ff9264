"""What the fields of requests are made of: text every database can keep, moments with an offset, ticket numbers."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.actions.writing import TEXT_LONGEST
from core.queries.tickets import NUMBER_LIMIT
from core.rules.periods import MEANT

LINE_LONGEST = 500


def _plain(text: str) -> str:
    """Plain line ends, no NUL (PostgreSQL keeps none). Raises for half a surrogate pair, which nothing can store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "not Unicode text") from None
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def _written(value: object) -> object:
    """A moment is written out: a bare number would be taken for seconds of 1970."""
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "").isdigit():
        raise PydanticCustomError("datetime_parsing", "not a moment of ISO 8601")
    return value


def _meant(moment: datetime) -> datetime:
    if moment.year not in MEANT:
        raise PydanticCustomError("datetime_parsing", "not of this desk's time")
    return moment


Line = Annotated[str, Field(max_length=LINE_LONGEST), AfterValidator(_plain)]
Text = Annotated[str, Field(max_length=TEXT_LONGEST), AfterValidator(_plain)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_meant)]
Whole = Annotated[int, Field(strict=True)]
TicketNumber = Annotated[
    int, Path(ge=1, le=NUMBER_LIMIT, description="the number people see, without #", examples=[1042])
]
Id = Annotated[int, Path(alias="id", ge=1, le=NUMBER_LIMIT)]
