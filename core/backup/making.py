"""Makes a backup: the database as of one moment, and every file it names, in one file."""

import sqlite3
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from core.backup import BackupError, manifest
from core.backup.archive import Packer
from core.backup.dump import Dump, take
from core.backup.manifest import Manifest
from core.backup.sealing import SealedWriter, is_sealed
from core.backup.workroom import Course, workroom, written
from core.db import Database
from core.failpoints import failpoint
from core.keys import secret_key
from core.messaging.store import FileStore
from core.settings import Settings


@dataclass(frozen=True)
class Made:
    """``missing``: the files that the store should have had, and what is wrong with each."""

    path: Path
    size: int
    is_sealed: bool
    told: Manifest

    @property
    def missing(self) -> Mapping[str, str]:
        return self.told.missing


async def make(
    database: Database,
    settings: Settings,
    target: Path,
    *,
    course: Course,
    with_files: bool = True,
    is_patient: bool = True,
) -> Made:
    """Write the backup to ``target``, sealed where there is a BACKUP_PASSPHRASE.

    Raises BackupError, and BlockingIOError as ``workroom`` does.
    """
    _refuse_to_lose(target)
    try:
        async with workroom(settings.data_dir, is_patient=is_patient) as folder:
            dump = await take(database, folder, course)
            return await course.in_thread(partial(_write, dump, settings, target, course, with_files=with_files))
    except BlockingIOError:
        raise
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupError("The backup cannot be made: %(reason)s.", reason=reason) from error


def _refuse_to_lose(target: Path) -> None:
    """Only an older backup may be replaced by a newer one."""
    if not target.parent.is_dir():
        raise BackupError("There is no folder %(path)s.", path=target.parent)
    if target.exists() and not _is_backup(target):
        raise BackupError("%(path)s exists and is no backup; it stays as it is.", path=target)


def _is_backup(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if is_sealed(file):
            return True
    try:
        with tarfile.open(path, "r:") as tar:
            return getattr(tar.next(), "name", "") == manifest.TITLE
    except tarfile.TarError:
        return False


def _write(dump: Dump, settings: Settings, target: Path, course: Course, *, with_files: bool) -> Made:
    with written(target) as file:
        if not settings.backup_passphrase:
            told = _pack(dump, settings, file, course, with_files=with_files)
        else:
            sealed = SealedWriter(file, settings.backup_passphrase)
            told = _pack(dump, settings, sealed, course, with_files=with_files)
            sealed.finish()
        size = file.tell()
    return Made(target, size, bool(settings.backup_passphrase), told)


def _pack(
    dump: Dump, settings: Settings, out: BinaryIO | SealedWriter, course: Course, *, with_files: bool
) -> Manifest:
    packer = Packer(out, course)
    for name, path in dump.members.items():
        packer.members[name] = packer.add(name, path, "writing the database")
    failpoint("backup.mid")
    missing = _pack_files(dump, FileStore(settings.files_dir), packer) if with_files else {}
    key = secret_key(settings)
    if settings.backup_passphrase:  # what can be read by anybody must not open what the inbox keeps locked
        packer.put(manifest.KEY, key)
    told = Manifest(
        made_at=dump.moment,
        backend=dump.backend,
        revision=dump.revision,
        key_mark=manifest.key_mark(key),
        holds_files=with_files,
        tables=dump.tables,
        members=packer.members,
        missing=missing,
    )
    packer.finish(told)
    return told


def _pack_files(dump: Dump, store: FileStore, packer: Packer) -> dict[str, str]:
    """Returns what is missing or is not what its name says."""
    missing: dict[str, str] = {}
    for number, (sha256, name) in enumerate(sorted(dump.files.items()), start=1):
        try:
            line = f"writing the files: {number} of {len(dump.files)}"
            member = packer.add(f"files/{sha256}", store.path(sha256), line)
        except OSError as error:
            missing[sha256] = f"{name} ({error.strerror or type(error).__name__})"
            continue
        if member.sha256 == sha256:
            packer.members[f"files/{sha256}"] = member
        else:
            missing[sha256] = f"{name} (damaged)"
    return missing
