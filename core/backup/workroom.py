"""Where a backup is made or unpacked: one at a time, in a private folder that is empty at each start."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from core.disk import sync

T = TypeVar("T")

PIECE = 1 << 20
_SAY_EVERY = 2.0  # seconds between two lines of progress


class StoppedError(Exception):
    """Whoever asked for the work does not wait for it any more."""


class Course:
    """How far a long piece of work is; tells whoever watches, and learns from there that it should stop."""

    def __init__(self, say: Callable[[str], object] = lambda _line: None) -> None:
        self._say, self._said, self._stop = say, time.monotonic(), threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def at(self, line: str) -> None:
        """One more piece is done. Raises StoppedError."""
        if self.is_stopped:
            raise StoppedError
        if time.monotonic() - self._said >= _SAY_EVERY:
            self._said = time.monotonic()
            self._say(line)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Long work beside the loop; when the task is cancelled it ends at its next piece."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait([task])
            raise


@asynccontextmanager
async def workroom(data_dir: Path, *, is_patient: bool = True) -> AsyncIterator[Path]:
    """An empty private folder in DATA_DIR, for this process alone; waits for another backup to end.

    Raises BlockingIOError where another is under way and ``is_patient`` is False.
    """
    folder = data_dir / ".backup"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _locks(descriptor):
            if not is_patient:
                raise BlockingIOError
            await asyncio.sleep(0.2)
        _empty(folder)  # what a killed one left
        try:
            yield folder
        finally:
            _empty(folder)
    finally:
        os.close(descriptor)


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """A new file that has its name only once it is whole and on the disk."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync(target.parent)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    def write(self, piece: bytes, /) -> int: ...


def copy(source: Readable, target: Writable, course: Course, line: str) -> tuple[str, int]:
    """Copy to the end; returns the SHA-256 and the size of what was read."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        target.write(piece)
        course.at(line)
    return digest.hexdigest(), size


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
