"""Files by the SHA-256 of their content: written once, never changed."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path

from core.disk import sync
from core.failpoints import failpoint_async
from core.messaging import quarantine
from core.messaging.quarantine import Held, TooBigError
from core.messaging.scanner import Scanner
from core.render import labels, thumbnails


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int


@dataclass(frozen=True)
class StoredThumbnail:
    """A small picture that was drawn anew; its own bytes are in the store too."""

    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class Received(Stored):
    """A file from outside: ``media_type`` is told by its content."""

    media_type: str
    thumbnail: StoredThumbnail | None


class FileStore:
    """A folder of content-addressed files. Bytes first, name last: a killed write leaves no half file."""

    def __init__(self, folder: Path, scanner: Scanner | None = None) -> None:
        self._folder = folder
        self._quarantine = folder / "quarantine"  # inside, so that a rename never crosses a file system
        self._scanner = scanner
        self._drawing = asyncio.Lock()  # pictures are large while they are drawn: one at a time

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    async def put(self, content: bytes) -> Stored:
        """Keep bytes of our own making."""
        return await asyncio.to_thread(self._put, content)

    async def read(self, sha256: str) -> bytes:
        """Raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    async def receive(self, chunks: AsyncIterable[bytes], *, cap: int) -> Received:
        """Keep bytes from outside, at most ``cap`` of them, however they come: hashed, scanned and labelled first.

        Raises TooBigError, InfectedError, ScannerError, OSError, and what ``chunks`` raises; then nothing is kept.
        """
        held = await asyncio.to_thread(Held, self._quarantine)
        try:
            async for chunk in chunks:
                if held.size + len(chunk) > cap:
                    raise TooBigError(f"more than {cap // 1024**2} MB")
                await asyncio.to_thread(held.write, chunk)
                await failpoint_async("file.mid_stream")
            await failpoint_async("file.before_fsync")
            await asyncio.to_thread(held.sync)
            await failpoint_async("file.after_fsync")
            if self._scanner is not None:
                await self._scanner.scan(held.path)
            media_type = await asyncio.to_thread(labels.media_type_of, held.path)
            thumbnail = await self._thumbnail(held.path, media_type)
            await asyncio.to_thread(self._adopt, held)
            await failpoint_async("file.after_rename")
        finally:
            await asyncio.to_thread(held.discard)
        return Received(held.sha256, held.size, media_type, thumbnail)

    async def preview(self, sha256: str) -> bytes | None:
        """A large picture of a stored one, drawn anew each time; None for what is not drawn safely."""
        async with self._drawing:
            drawn = await asyncio.to_thread(thumbnails.draw, self.path(sha256), edge=thumbnails.PREVIEW_EDGE)
        return drawn.content if drawn else None

    def sweep(self) -> int:
        """Remove what killed processes left half received; how many files that were."""
        return quarantine.sweep(self._quarantine)

    async def _thumbnail(self, path: Path, media_type: str) -> StoredThumbnail | None:
        if media_type not in thumbnails.DRAWN:
            return None
        async with self._drawing:
            drawn = await asyncio.to_thread(thumbnails.draw, path)
        if drawn is None:
            return None
        stored = await self.put(drawn.content)
        return StoredThumbnail(stored.sha256, drawn.width, drawn.height)

    def _put(self, content: bytes) -> Stored:
        with Held(self._quarantine) as held:
            held.write(content)
            held.sync()
            self._adopt(held)
            return Stored(held.sha256, held.size)

    def _adopt(self, held: Held) -> None:
        """Give the bytes their name; those that are there already stay as they are."""
        target = self.path(held.sha256)
        if not target.parent.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            sync(self._folder)
        if not target.exists():
            held.path.replace(target)
        sync(target.parent)  # in any case: who brought them first may have died before
