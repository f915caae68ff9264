"""Several small questions in one statement, for what a statement costs is its own, not that of its rows.

Each question comes back as one text of JSON. What was made of a text may be kept under it: the text has just been
read from the database, so that what is kept cannot be out of date.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, Boolean, CompoundSelect, Date, Enum, ScalarSelect, Select, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from core.db import Moment, ReadSession
from core.queries.written import Written

KEPT = 16  # texts a question
KEPT_MOMENTS = 10_000  # a page shows hundreds, nearly all of them those of the page before
KEPT_STATEMENTS = 64  # putting one together costs more than running it

Row = TypeVar("Row")


class Question(Generic[Row]):
    """Rows of a kind: ``query`` selects columns in the order in which ``row`` takes them, each with a name.

    ``is_kept``: of a short list that seldom changes, so that its rows need not be made anew.
    """

    def __init__(
        self,
        row: Callable[..., Row],
        query: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
        *,
        is_kept: bool = False,
    ) -> None:
        self._row, self._query = row, query.subquery()
        self.rows: Callable[[str | None], Sequence[Row]] = lru_cache(KEPT)(self._read) if is_kept else self._read

    async def ask(self, session: ReadSession, **wanted: object) -> Sequence[Row]:
        """This question alone."""
        return (await ask(session, [self], wanted))[self]

    @cached_property
    def text(self) -> ScalarSelect[str]:
        """The column that brings the rows as a text, None where there is none."""
        return select(_List(_Values(*self._query.c))).select_from(self._query).scalar_subquery()

    @cached_property
    def _readers(self) -> Sequence[tuple[int, Callable[[Any], object]]]:
        readers = ((place, _reader(column.type)) for place, column in enumerate(self._query.c))
        return [(place, reader) for place, reader in readers if reader is not None]

    def _read(self, text: str | None) -> Sequence[Row]:
        found = json.loads(text) if text else []
        for values in found:
            for place, reader in self._readers:
                if values[place] is not None:
                    values[place] = reader(values[place])
        return tuple(self._row(*values) for values in found)


class Answers:
    """What was asked together: question → rows."""

    def __init__(self, questions: Iterable[Question[Any]], texts: Iterable[str | None]) -> None:
        self._texts = dict(zip(questions, texts, strict=True))

    def __getitem__(self, question: Question[Row]) -> Sequence[Row]:
        return question.rows(self._texts[question])


async def ask(
    session: ReadSession, questions: Sequence[Question[Any]], wanted: Mapping[str, object] | None = None
) -> Answers:
    """All of them in one statement; ``wanted`` is what any of them is asked with."""
    texts = await _statement(tuple(questions)).one(session, wanted or {})
    assert texts is not None
    return Answers(questions, texts)


@lru_cache(KEPT_STATEMENTS)
def _statement(questions: tuple[Question[Any], ...]) -> Written:
    return Written(select(*(question.text for question in questions)))


class _Values(FunctionElement[str]):
    """The columns of a row as a JSON array."""

    name, inherit_cache, type = "json_values", True, String()


class _List(FunctionElement[str]):
    """All rows as one text, in the order in which they come."""

    name, inherit_cache, type = "json_list", True, String()


@compiles(_Values, "sqlite")
def _sqlite_values(values: _Values, compiler: SQLCompiler, **options: Any) -> str:
    # where a column holds JSON, SQLite knows it for a text
    written = ((compiler.process(one, **options), one.type) for one in values.clauses)
    return f"json_array({', '.join(f'json({name})' if isinstance(kind, JSON) else name for name, kind in written)})"


@compiles(_Values, "postgresql")
def _postgresql_values(values: _Values, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_build_array({compiler.process(values.clauses, **options)})"


@compiles(_List, "sqlite")
def _sqlite_list(rows: _List, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(rows.clauses, **options)})"


@compiles(_List, "postgresql")
def _postgresql_list(rows: _List, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(json_agg({compiler.process(rows.clauses, **options)}) AS TEXT)"


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], object] | None:
    """What makes a value of what stands in the JSON; None where it stands there already."""
    match kind:
        case Moment():
            return _moment
        case Enum(enum_class=type() as members):
            return {member.value: member for member in members}.__getitem__
        case Boolean():
            return bool
        case Date():
            return date.fromisoformat
    return None


@lru_cache(KEPT_MOMENTS)
def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
