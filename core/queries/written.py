"""A statement put into words once, for one that is asked with every page.

SQLAlchemy finds a statement among those it has compiled by all of its parts, writes out its lists anew and hands each
row to the ORM: for the questions of a page that took twice as long as asking them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Row, Select
from sqlalchemy.sql.compiler import SQLCompiler

from core.db import ReadSession, WriteSession


class _Value(NamedTuple):
    """What stands for one parameter: what is asked with under ``name``, or a constant."""

    name: str | None
    constant: object
    process: Callable[[Any], object] | None

    def of(self, wanted: Mapping[str, object]) -> object:
        value = self.constant if self.name is None else wanted[self.name]
        return value if self.process is None else self.process(value)


class Written:
    """A statement of constants and named values, none of these a list.

    Its rows come as the driver has them: numbers, texts and None, but neither moments nor members of an enumeration,
    and on SQLite 0 and 1 for what is true or not.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._written: dict[str, tuple[str, Sequence[_Value]]] = {}  # by the kind of database

    async def one(self, session: ReadSession, wanted: Mapping[str, object]) -> Row[*tuple[Any, ...]]:
        """The only row. Raises KeyError where a value is missing."""
        if isinstance(session, WriteSession):
            await session.flush()  # as for every other question
        connection = await session.connection()
        if session.dialect not in self._written:
            self._written[session.dialect] = self._write(connection.dialect, wanted)
        words, values = self._written[session.dialect]
        return (await connection.exec_driver_sql(words, tuple([value.of(wanted) for value in values]))).one()

    def _write(self, dialect: Dialect, wanted: Mapping[str, object]) -> tuple[str, Sequence[_Value]]:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        written = compiled.construct_expanded_state(dict(wanted))

        def value(name: str) -> _Value:
            if name not in compiled.binds:  # one of a list
                process = written.processors.get(name)
            else:
                process = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if name in wanted:
                return _Value(name, None, process)
            constant = written.parameters[name]
            return _Value(None, process(constant) if process else constant, None)

        return written.statement, [value(name) for name in written.positiontup or ()]
