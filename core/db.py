"""Engines, pragmas and the two ways to a session: ``write()`` commits at its end, ``read()`` cannot write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, MetaData, Table, TypeDecorator, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

from core.errors import BusyError
from core.sqlite import Driver
from core.wake import Topic, Wake

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Kinds of trouble that pass without anybody changing the statement: the file locked, the disk full or failing …
_PASSING_SQLITE = frozenset({"BUSY", "LOCKED", "IOERR", "FULL", "CANTOPEN", "READONLY", "NOMEM", "PROTOCOL"})
# … and PostgreSQL's classes of connection, rollback by conflict, resources, shutdown, system.
_PASSING_POSTGRESQL = ("08", "40", "53", "57", "58")

# Of two transactions that wait for each other PostgreSQL breaks one off; done anew, it waits for nobody.
_BROKEN_OFF = frozenset({"40001", "40P01"})
_TRIES = 2

# A connection that holds a lock: the server must notice a dead machine and free it, also without traffic.
_APART: dict[str, Any] = {
    "pool_reset_on_return": None,
    "connect_args": {
        "timeout": 5,
        "server_settings": {
            "application_name": "ventanilla-apart",
            "synchronous_commit": "off",  # a NOTIFY need not survive a crash
            "tcp_keepalives_idle": "2",
            "tcp_keepalives_interval": "1",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": "5000",
        },
    },
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; naive ones are refused (SQLite would drop the offset silently)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None] | None:
        """One step instead of three: lists are full of moments. PostgreSQL's are aware already."""
        return _aware if dialect.name == "sqlite" else None


def _aware(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


# A row that is locked to be changed, not to get another key: what refers to it may be inserted meanwhile.
ROW = {"key_share": True}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment()}  # noqa: RUF012 - SQLAlchemy's own declaration


def table_of(model: type[Base]) -> Table:
    """For statements that need no objects: past the ORM they cost half."""
    assert isinstance(model.__table__, Table)
    return model.__table__


class ReadSession(AsyncSession):
    """The database itself refuses writes. Each statement sees a snapshot of its own."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.get_bind().dialect.name


class WriteSession(ReadSession):
    """One unit of work. Whoever opened it commits; actions only add and flush."""

    def wake(self, topic: Topic) -> None:
        """Ring ``topic`` once this transaction is committed."""
        self.info.setdefault("topics", set()).add(topic)

    def at_end(self, work: "LastWork") -> None:
        """Run ``work`` once, as the last thing before the commit: what was gathered is written together."""
        self.info.setdefault("at_end", {})[work] = None


LastWork = Callable[[WriteSession], Awaitable[None]]


def insert_into(dialect: str, into: type[Base] | Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what becomes of a row that is there already: each dialect has its own class for that."""
    return sqlite.insert(into) if dialect == "sqlite" else postgresql.insert(into)


T = TypeVar("T")


class Database:
    """One desk's database. A write session nested in another of the same task would wait for itself."""

    def __init__(self, url: str, *, wake: Wake | None = None) -> None:
        self.url = make_url(url)
        self.wake = wake or Wake()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer, self._reader = _sqlite_engines(self.url)
        else:
            self._writer, self._reader = _postgresql_engines(self.url)
        self._apart = create_async_engine(self.url, poolclass=NullPool, **({} if self.is_sqlite else _APART))
        self._writes = async_sessionmaker(self._writer, class_=WriteSession, expire_on_commit=False)
        self._reads = async_sessionmaker(self._reader, class_=ReadSession, expire_on_commit=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """A transaction: commits at the end, rolls back on any exception, cancellation included."""
        async with self._writes() as session:
            try:
                yield session
                for work in session.info.get("at_end", ()):
                    await work(session)
            except BaseException:
                await _finish(session.rollback())
                raise
            await _finish(session.commit())
            self.wake.ring([Topic.PAGES])
            self.wake.announce(session.info.get("topics", ()))

    async def carry_out(self, work: Callable[[WriteSession], Awaitable[T]]) -> T:
        """A transaction of ``work`` alone, which is done anew where the database has broken it off.

        Raises BusyError where that happens again.
        """
        for _ in range(_TRIES):
            try:
                async with self.write() as session:
                    return await work(session)
            except DBAPIError as error:
                if not is_broken_off(error):
                    raise
        raise BusyError

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        async with self._reads() as session:
            yield session

    @asynccontextmanager
    async def own_connection(self) -> AsyncIterator[Any]:
        """asyncpg's connection to PostgreSQL outside the pools, for locks and notices: they belong to a session."""
        async with self._apart.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                yield driver
            finally:
                # a peer that went away silently would be waited for until TCP gives up, a quarter of an hour
                with suppress(Exception):
                    await driver.close(timeout=1)

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def is_passing(error: Exception) -> bool:
    """Whether the database is the trouble (away, locked, full), and not what it was asked to do."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    return (
        error.connection_invalidated
        or (isinstance(code, str) and code.startswith(_PASSING_POSTGRESQL))
        or name.removeprefix("SQLITE_").partition("_")[0] in _PASSING_SQLITE
    )


def is_broken_off(error: DBAPIError) -> bool:
    """Whether the transaction was given up for another one's sake, with nothing wrong with either."""
    return getattr(error.orig, "sqlstate", None) in _BROKEN_OFF


async def _finish(ending: Awaitable[None]) -> None:
    """Let a commit or rollback end even if the task is cancelled meanwhile, then obey the cancellation."""
    task = asyncio.ensure_future(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _sqlite_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    pool = {
        "module": Driver(),
        "poolclass": AsyncAdaptedQueuePool,
        "max_overflow": 0,
        "pool_timeout": 60,
        "hide_parameters": True,
    }
    writer = create_async_engine(url, pool_size=1, **pool)
    reader = create_async_engine(url, pool_size=4, **pool)
    # rows of one INSERT get rising ids in their order, so new objects may share it; SQLAlchemy does not assume that
    writer.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
    _prepare_sqlite(writer, begin="BEGIN IMMEDIATE", pragmas=PRAGMAS)
    _prepare_sqlite(reader, pragmas=(*PRAGMAS, "PRAGMA query_only=ON"))
    return writer, reader


def _prepare_sqlite(engine: AsyncEngine, *, begin: str = "", pragmas: tuple[str, ...]) -> None:
    """Without ``begin`` there is no transaction, and none to be ended."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and is deferred
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        if begin and connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql(begin)


def _postgresql_engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """Readers need no BEGIN and no ROLLBACK: in one transaction, too, each statement would see what is there then."""
    writer = _postgresql_engine(url)
    reader = _postgresql_engine(url, isolation_level="AUTOCOMMIT", default_transaction_read_only="on")
    return writer, reader


def _postgresql_engine(url: URL, *, isolation_level: str | None = None, **settings: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,  # errors are logged; what customers wrote is not
        pool_size=5,
        max_overflow=10,
        isolation_level=isolation_level,
        connect_args={
            "server_settings": {
                "application_name": "ventanilla",
                "statement_timeout": "30000",
                "idle_in_transaction_session_timeout": "60000",
                **settings,
            }
        },
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        # the driver has heard of it where the server went away; asking would cost three round trips a page
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError

    return engine
