"""The way back: everything is unpacked and verified before anything of the desk is touched."""

import io
import shutil
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from core import migrations
from core.backup import BackupError, manifest, to_postgresql, to_sqlite
from core.backup.archive import unpack
from core.backup.manifest import Manifest
from core.backup.sealing import SealedReader, is_sealed
from core.backup.settling import Settled, settle
from core.backup.workroom import PIECE, Course, workroom
from core.clock import now
from core.db import Database, WriteSession
from core.disk import sync
from core.failpoints import failpoint
from core.keys import secret_key
from core.messaging.store import FileStore
from core.settings import Settings


@dataclass(frozen=True)
class Restored:
    """``aside``: the file or schema that keeps the desk that was here, or ''."""

    told: Manifest
    settled: Settled
    files: int
    aside: str
    has_key: bool


async def restore(
    database: Database, settings: Settings, source: Path, *, course: Course, force: bool = False
) -> Restored:
    """Put the desk of a backup here, at the newest schema; until the last step the old one is untouched.

    Nothing else may have used ``database`` before. Raises BackupError.
    """
    way = to_sqlite if database.is_sqlite else to_postgresql
    _refuse_nothing(source)
    await way.check(database, force=force)
    async with workroom(settings.data_dir) as folder:
        place = _Place(folder, settings)
        try:
            return await _restored(database, settings, source, place, course=course, force=force)
        except (OSError, EOFError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise BackupError("Nothing is restored: %(reason)s.", reason=reason) from error
        finally:
            place.clear()


async def _restored(
    database: Database, settings: Settings, source: Path, place: "_Place", *, course: Course, force: bool
) -> Restored:
    way = to_sqlite if database.is_sqlite else to_postgresql
    told = await course.in_thread(partial(_unpacked, source, settings, place, course))
    _refuse_unfit(told, database)
    settle_here = partial(_settle, told=told, settings=settings, there=place.key())
    settled, aside = await way.put(
        database,
        told,
        place.path,
        settle_here,
        before=lambda: course.in_thread(partial(place.keep_files, told, course)),
        force=force,
        stamp=f"{now():%Y%m%dT%H%M%SZ}",
        course=course,
    )
    is_here = manifest.key_mark(secret_key(settings)) == told.key_mark
    return Restored(told, settled, sum(name.startswith("files/") for name in told.members), aside, is_here)


class _Place:
    """Where the members go: the files onto the store's own disk, so that keeping them is a rename."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._store = FileStore(settings.files_dir)
        self._files = settings.files_dir / "restoring"

    def path(self, name: str) -> Path:
        kind, _, rest = name.rpartition("/")
        return (self._files if kind == "files" else self._folder) / rest

    def open(self) -> None:
        self.clear()  # what a killed one left
        self._files.mkdir(parents=True)

    def clear(self) -> None:
        shutil.rmtree(self._files, ignore_errors=True)

    def key(self) -> bytes | None:
        """The backup's secret key, which only a sealed one has."""
        path = self.path(manifest.KEY)
        return path.read_bytes() if path.exists() else None

    def keep_files(self, told: Manifest, course: Course) -> None:
        """Into the store; one that is there already is replaced, for it may be the damaged one."""
        if (key := self.key()) is not None:
            self._keep_key(key)
        names = [name for name in told.members if name.startswith("files/")]
        folders = {self._settings.files_dir}
        for number, name in enumerate(names, start=1):
            target = self._store.path(name.removeprefix("files/"))
            folders.add(target.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            sync(self.path(name))
            self.path(name).replace(target)
            course.at(f"keeping the files: {number} of {len(names)}")
        for folder in folders:
            sync(folder)
        failpoint("restore.mid")

    def _keep_key(self, key: bytes) -> None:
        """A place without a key of its own takes the backup's; another is never overwritten."""
        path = self._settings.data_dir / "secret.key"
        if not self._settings.secret_key and not path.exists():
            self.path(manifest.KEY).chmod(0o600)
            sync(self.path(manifest.KEY))
            self.path(manifest.KEY).replace(path)


def _unpacked(source: Path, settings: Settings, place: _Place, course: Course) -> Manifest:
    place.open()
    with source.open("rb") as file:
        plain: BinaryIO = file
        if is_sealed(file):
            if not settings.backup_passphrase:
                raise BackupError(
                    "BACKUP_PASSPHRASE: this backup is sealed; expected the passphrase it was made with."
                )
            plain = io.BufferedReader(SealedReader(file, settings.backup_passphrase), PIECE)
        told = unpack(plain, place.path, course)
        while plain.read(PIECE):  # to the seal's last word
            pass
    return told


def _refuse_nothing(source: Path) -> None:
    if not source.is_file():
        raise BackupError("There is no file %(path)s.", path=source)


def _refuse_unfit(told: Manifest, database: Database) -> None:
    here = "sqlite" if database.is_sqlite else "postgresql"
    if told.backend != here:
        raise BackupError(
            "DATABASE_URL: the backup is of a desk on %(there)s, here is %(here)s.", there=told.backend, here=here
        )
    if told.revision not in migrations.revisions():
        raise BackupError(
            "A newer Ventanilla made this backup (schema %(there)s, here %(here)s); restore it with that one.",
            there=told.revision,
            here=migrations.head(),
        )


async def _settle(session: WriteSession, *, told: Manifest, settings: Settings, there: bytes | None) -> Settled:
    own = settings.data_dir / "secret.key"
    has_own = bool(settings.secret_key) or own.exists()
    here = there if there is not None and not has_own else secret_key(settings)
    if there is None and manifest.key_mark(here) == told.key_mark:
        there = here
    return await settle(session, told, here=here, there=there)
