"""A statement put into words once, for one that is asked with every page.

SQLAlchemy finds a statement among those it has compiled by all of its parts, writes out its lists anew and hands each
row to the ORM: for the questions of a page that took twice as long as asking them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import BindParameter, Dialect, Integer, Select, bindparam, inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.sql.compiler import SQLCompiler

from core.db import Base, ReadSession, WriteSession

Model = TypeVar("Model", bound=Base)


class _Value(NamedTuple):
    """What stands for one parameter: what is asked with under ``name``, or a constant."""

    name: str | None
    constant: object
    process: Callable[[Any], object] | None

    def of(self, wanted: Mapping[str, object]) -> object:
        value = self.constant if self.name is None else wanted[self.name]
        return value if self.process is None else self.process(value)


class _Words(NamedTuple):
    """A statement in the words of one kind of database; ``readers`` make of a column, by its place, what it means."""

    text: str
    values: Sequence[_Value]
    readers: Sequence[tuple[int, Callable[[Any], object]]]


class Written:
    """A statement of constants and named values, none of these a list, that has one row at most."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._written: dict[str, _Words] = {}  # by the kind of database

    async def one(self, session: ReadSession, wanted: Mapping[str, object]) -> Sequence[Any] | None:
        """The values of its row in the order of its columns. Raises KeyError where one is missing to ask with."""
        if isinstance(session, WriteSession):
            await session.flush()  # as for every other question
        connection = await session.connection()
        if session.dialect not in self._written:
            self._written[session.dialect] = self._write(connection.dialect, wanted)
        text, values, readers = self._written[session.dialect]
        found = (await connection.exec_driver_sql(text, tuple([value.of(wanted) for value in values]))).one_or_none()
        if found is None:
            return None
        row = list(found)
        for place, reader in readers:
            row[place] = reader(row[place])
        return row

    def _write(self, dialect: Dialect, wanted: Mapping[str, object]) -> _Words:
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

        types = (column.type.dialect_impl(dialect) for column in self._statement.selected_columns)
        readers = ((place, kind.result_processor(dialect, None)) for place, kind in enumerate(types))
        return _Words(
            written.statement,
            [value(name) for name in written.positiontup or ()],
            [(place, reader) for place, reader in readers if reader is not None],
        )


def at_most(rows: int) -> BindParameter[int]:
    """For ``limit``, written out. Of a number it is not told PostgreSQL expects a tenth of all, and plans anew."""
    return bindparam("at_most", rows, type_=Integer(), literal_execute=True, unique=True)


class Loaded(Generic[Model]):
    """A model among the columns of a written statement, and the objects their values make.

    Each is as if it had been read in a session that is over: what it is related to is there once it was put there.
    """

    def __init__(self, model: type[Model], alias: type[Model] | None = None) -> None:
        self._mapper = inspect(model)
        self._names = [column.key for column in self._mapper.column_attrs]
        self.columns = [getattr(alias or model, name) for name in self._names]

    def of(self, row: Iterator[Any], **related: object) -> Model | None:
        """Takes its values from the row; None where there is no such object."""
        values = dict(zip(self._names, islice(row, len(self._names)), strict=True))
        if values["id"] is None:
            return None
        made = cast("Model", self._mapper.class_manager.new_instance())
        instance_dict(made).update(values, **related)
        make_transient_to_detached(made)
        return made
