"""Files by the SHA-256 of their content: written once, never changed."""

import asyncio
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int


class FileStore:
    """A folder of content-addressed files. Bytes first, name last: a killed write leaves no half file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    async def put(self, content: bytes) -> Stored:
        return await asyncio.to_thread(self._write, content)

    async def read(self, sha256: str) -> bytes:
        """Raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    def _write(self, content: bytes) -> Stored:
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _sync_folder(self._folder)
            descriptor, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)
        return Stored(sha256, len(content))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
