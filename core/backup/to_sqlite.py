"""Puts a restored SQLite database in the place of the desk's: prepared beside it, in place by one rename."""

import gzip
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from core import migrations
from core.backup import BackupError
from core.backup.dump import rows_in
from core.backup.manifest import Manifest
from core.backup.settling import Settled
from core.backup.workroom import Course, copy
from core.db import Database, WriteSession
from core.disk import sync
from core.failpoints import failpoint

_DESK = ("companies", "technicians", "people", "tickets")  # one row in any of these, and the desk is not empty
_LOGS = ("-wal", "-shm", "-journal")
_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
IN_USE = "The desk is running (its database is in use); stop it first."
NOT_EMPTY = "The desk here is not empty; --force restores all the same and keeps it aside."


async def check(database: Database, *, force: bool) -> None:
    """Raises BackupError where nothing may be restored."""
    with _alone(_path(database), force=force):
        return


async def put(
    database: Database,
    told: Manifest,
    member: Callable[[str], Path],
    settle: Callable[[WriteSession], Awaitable[Settled]],
    *,
    before: Callable[[], Awaitable[None]],
    force: bool,
    stamp: str,
    course: Course,
) -> tuple[Settled, str]:
    """Prepare the database, run ``before``, put it in place; returns where the old one is kept, or ''."""
    target = _path(database)
    fresh = target.with_name(f".{target.name}.restored")
    _remove(fresh)
    try:
        await course.in_thread(partial(_unpacked, member("database/desk.sqlite.gz"), fresh, told, course))
        settled = await _prepared(fresh, settle)
        await before()
        return settled, await course.in_thread(partial(_switched, target, fresh, force=force, stamp=stamp))
    finally:
        _remove(fresh)


def _unpacked(packed: Path, fresh: Path, told: Manifest, course: Course) -> None:
    with gzip.open(packed) as source, fresh.open("wb") as file:
        fresh.chmod(0o600)
        copy(source, file, course, "unpacking the database")
    with closing(sqlite3.connect(fresh)) as connection:
        (says,) = connection.execute("PRAGMA quick_check").fetchone()
        rows = {name: rows_in(connection, name) for name in told.tables}
    if says != "ok" or rows != {name: table.rows for name, table in told.tables.items()}:
        raise BackupError("The database in the backup is damaged.")


async def _prepared(fresh: Path, settle: Callable[[WriteSession], Awaitable[Settled]]) -> Settled:
    """The newest schema, nothing that goes out by itself, everything in one file on the disk."""
    staged = Database(f"sqlite+aiosqlite:///{fresh}")
    try:
        await migrations.upgrade(staged)
        async with staged.write() as session:
            settled = await settle(session)
    finally:
        await staged.close()
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    sync(fresh)
    return settled


def _switched(target: Path, fresh: Path, *, force: bool, stamp: str) -> str:
    with _alone(target, force=force) as is_empty:
        aside = target.with_name(f"{target.name}.before-restore-{stamp}")
        if not is_empty:
            _name_twice(target, aside)
        _clear_logs(target, aside)
        failpoint("restore.before_switch")
        fresh.replace(target)
    sync(target.parent)
    return "" if is_empty else str(aside)


def _name_twice(target: Path, aside: Path) -> None:
    """A second name for the old file: until the rename the desk has it, after it only the second name."""
    try:
        os.link(target, aside)
    except FileExistsError:
        if not aside.samefile(target):  # else a restore killed within this second has named it already
            raise
    except OSError:  # a file system without links
        shutil.copyfile(target, aside)


def _clear_logs(target: Path, aside: Path) -> None:
    """The log of a file that is damaged or gone: SQLite would play it into the new one."""
    for ending in _LOGS:
        with suppress(FileNotFoundError):
            target.with_name(target.name + ending).replace(aside.with_name(aside.name + ending))


@contextmanager
def _alone(target: Path, *, force: bool) -> Iterator[bool]:
    """Nobody else has the database while this lasts; whether the desk in it is empty. Raises BackupError."""
    if not target.exists():
        yield True
        return
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
        try:
            is_empty = _is_empty(connection)
            if is_empty or force:  # a refused desk stays as it is
                # takes in what the log holds, and is refused where anybody else has the database open
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _IN_USE:
                raise BackupError(IN_USE) from None
            is_empty = False
        except sqlite3.DatabaseError:  # damaged: that may be why somebody restores
            is_empty = False
        if not is_empty and not force:
            raise BackupError(NOT_EMPTY)
        yield is_empty


def _is_empty(connection: sqlite3.Connection) -> bool:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return not any(rows_in(connection, name) for name in there.intersection(_DESK))


def _path(database: Database) -> Path:
    return Path(database.url.database or "")


def _remove(path: Path) -> None:
    for ending in ("", *_LOGS):
        path.with_name(path.name + ending).unlink(missing_ok=True)
