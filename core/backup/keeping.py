"""Backups nobody has to think of: every hour into BACKUP_DIR, and one before the schema changes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core import migrations
from core.actions import heartbeats
from core.backup import BackupError
from core.backup.making import Made, make
from core.backup.workroom import Course
from core.clock import now
from core.db import Database
from core.models import Beat
from core.rules.retention import is_due, to_drop
from core.settings import Settings

log = structlog.get_logger(__name__)

BACKUP_LOCK = 0x56656E42  # "VenB": one process of a desk on PostgreSQL makes the scheduled backups
_NAME = re.compile(r"ventanilla-(\d{8}T\d{6})Z\.tar(?:\.sealed)?")
_STAMP = "%Y%m%dT%H%M%S"


async def keep_up(database: Database, settings: Settings) -> None:
    """The scheduled backup, if this hour has none yet, and away with those that BACKUP_KEEP does not name.

    One that fails is logged and tried again when the clock asks next.
    """
    if not settings.backup_dir:
        return
    try:
        made = await _make_due(database, settings)
    except (BackupError, OSError, SQLAlchemyError) as error:
        log.error("the backup failed", error=str(error) or repr(error))  # the alarm: no sign of life from it
        return
    if made is None:
        return
    async with database.write() as session:
        await heartbeats.note(session, Beat.BACKUP, at=made.told.made_at, detail={"missing": len(made.missing)})
    log.info("a backup is made", path=str(made.path), size=made.size)
    if made.missing:
        log.error("files of the desk are missing from the store", files=list(made.missing.values()))


async def _make_due(database: Database, settings: Settings) -> Made | None:
    folder = _folder(Path(settings.backup_dir))
    moment = now()
    if not is_due(_made(folder), moment):
        return None
    async with _only_one(database) as is_mine:
        if not is_mine or not is_due(_made(folder), moment):
            return None
        _remove_partial(folder)
        try:
            made = await make(database, settings, folder / _name(settings, moment), course=Course(), is_patient=False)
        except BlockingIOError:  # the operator makes one right now; this one has its turn at the next look
            return None
        _drop(folder, settings)
        return made


async def before_migrating(database: Database, settings: Settings, course: Course) -> Made | None:
    """The database alone (migrations touch no file), into DATA_DIR; None where there is nothing to lose."""
    if await migrations.revision_of(database) is None:
        return None
    folder = _folder(settings.data_dir / "backups")
    target = folder / _name(settings, now(), what=f"before-{migrations.head()}")
    try:
        return await make(database, settings, target, course=course, with_files=False)
    except BackupError as error:
        raise BackupError(
            "%(reason)s Nothing is migrated; --without-backup goes on without one.", reason=error
        ) from None


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _made(folder: Path) -> dict[datetime, Path]:
    found = {}
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            found[datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)] = path
    return found


def _name(settings: Settings, moment: datetime, *, what: str = "ventanilla") -> str:
    return f"{what}-{moment:{_STAMP}}Z.tar{'.sealed' if settings.backup_passphrase else ''}"


def _drop(folder: Path, settings: Settings) -> None:
    zone, keep = ZoneInfo(settings.desk_timezone), settings.backup_keep  # a day is the desk's day
    made = {moment.astimezone(zone): path for moment, path in _made(folder).items()}
    for moment in to_drop(made, hourly=keep.hourly, daily=keep.daily, weekly=keep.weekly):
        made[moment].unlink(missing_ok=True)


def _remove_partial(folder: Path) -> None:
    """What a killed backup left: its name is never used again."""
    for path in folder.glob(".ventanilla-*.partial"):
        path.unlink(missing_ok=True)


@asynccontextmanager
async def _only_one(database: Database) -> AsyncIterator[bool]:
    """On SQLite the workroom sees to it; on PostgreSQL, where machines share no folder, the database does."""
    if database.is_sqlite:
        yield True
        return
    async with database.own_connection() as connection:
        is_mine = bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", BACKUP_LOCK))
        try:
            yield is_mine
        finally:
            if is_mine:
                await connection.execute("SELECT pg_advisory_unlock($1)", BACKUP_LOCK)
