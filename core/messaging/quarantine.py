"""Where bytes stay until they are whole, known and found clean; what a killed process left is swept at start."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Self


class TooBigError(Exception):
    """More bytes came than are taken."""


class Held:
    """A file that has no name yet. Its lock lasts as long as its process, so a sweep tells the living from the dead.

    Blocks: to be used in a thread.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder)
        self.path = Path(name)
        self.size = 0
        self._file = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        """Throw away what has not got its name until now."""
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what cannot be written out is not wanted any more
            self._file.close()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)

    def sync(self) -> None:
        """The bytes are on the disk, come what may."""
        self._file.flush()
        os.fsync(self._file.fileno())


def sweep(folder: Path) -> int:
    """Remove what nobody writes any more; how many files that were."""
    return sum(_is_swept(path) for path in folder.glob("*"))


def _is_swept(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except OSError:  # somebody is writing it, or has just finished
        return False
    return True
