"""The archive of a backup: a tar whose every member is hashed on its way in and out."""

import hashlib
import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.backup import BackupError, manifest
from core.backup.manifest import Manifest, Member
from core.backup.workroom import PIECE, Course, copy

_NAMES = re.compile(r"files/[0-9a-f]{64}|database/[a-z0-9_]+\.(sqlite|copy)\.gz|secret\.key|VENTANILLA")
_SMALL = 64 << 20  # the manifest and its like are read into memory


class Packer:
    """Adds members one after the other to a stream that cannot go back."""

    def __init__(self, out: BinaryIO | io.RawIOBase, course: Course) -> None:
        self._tar = tarfile.TarFile(fileobj=out, mode="w", copybufsize=PIECE)
        self._course = course
        self.members: dict[str, Member] = {}
        self.put(manifest.TITLE, manifest.TITLE_TEXT)

    def add(self, name: str, path: Path, line: str) -> Member:
        """Raises OSError where the file cannot be opened; what cannot be read comes as zeros."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.mode, info.size = 0o600, path.stat().st_size
            source = _Reading(file, self._course, line)
            self._tar.addfile(info, source)
            return Member(sha256=source.digest.hexdigest(), size=info.size)

    def put(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.mode, info.size = 0o600, len(content)
        self._tar.addfile(info, io.BytesIO(content))
        self.members[name] = Member(sha256=hashlib.sha256(content).hexdigest(), size=len(content))

    def finish(self, told: Manifest) -> None:
        content = told.written()
        self.put(manifest.NAME, content)
        self.put(manifest.CHECK, hashlib.sha256(content).hexdigest().encode())
        self._tar.close()


class _Reading(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO, course: Course, line: str) -> None:
        self._file, self._course, self._line = file, course, line
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        try:
            piece = self._file.read(size)
        except OSError:  # a bad place on the disk: the rest of the archive must not suffer, the hash tells
            piece = b""
        piece = piece.ljust(size, b"\0")
        self.digest.update(piece)
        self._course.at(self._line)
        return piece


def unpack(source: BinaryIO, place: Callable[[str], Path], course: Course) -> Manifest:
    """Write every member where ``place`` says and compare it with the manifest. Raises BackupError."""
    found: dict[str, Member] = {}
    texts: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for info in tar:
                member = tar.extractfile(info) if info.isfile() else None
                if member is None:
                    raise BackupError("%(name)s in the archive is nothing a backup has.", name=repr(info.name))
                if info.name in {manifest.NAME, manifest.CHECK}:
                    texts[info.name] = _small(member.read(_SMALL))
                    continue
                if not _NAMES.fullmatch(info.name):
                    raise BackupError("%(name)s in the archive is nothing a backup has.", name=repr(info.name))
                with place(info.name).open("wb") as target:
                    line = f"reading: {len(found)} members"
                    sha256, size = copy(member, target, course, line)
                found[info.name] = Member(sha256=sha256, size=size)
    except (tarfile.TarError, EOFError):
        raise BackupError("The file is no backup of Ventanilla, or it is damaged or cut off.") from None
    return _compared(found, texts)


def _small(content: bytes) -> bytes:
    if len(content) >= _SMALL:
        raise BackupError("The backup's manifest cannot be read; the file is damaged.")
    return content


def _compared(found: dict[str, Member], texts: dict[str, bytes]) -> Manifest:
    content = texts.get(manifest.NAME, b"")
    if not content or manifest.CHECK not in texts:
        raise BackupError("The file is no backup of Ventanilla, or its end is missing.")
    if hashlib.sha256(content).hexdigest().encode() != texts[manifest.CHECK]:
        raise BackupError("The backup's manifest cannot be read; the file is damaged.")
    told = manifest.read(content)
    for name, member in told.members.items():
        if found.get(name) != member:
            raise BackupError("%(name)s in the backup is damaged or missing.", name=name)
    return told
