"""Files by their Telegram ids: contents in the store, sizes of pictures read from their first bytes."""

import hashlib
import mimetypes
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.simulator.store import Store

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
LINK_SECONDS = 3600
PHOTO_EDGES = (90, 320, 800, 1280)

FOLDERS = {
    "photo": ("photos", "AgACAgEAAxk", "AQAD"),
    "document": ("documents", "BQACAgEAAxk", "AgAD"),
    "video": ("videos", "BAACAgEAAxk", "AgAD"),
    "audio": ("music", "CQACAgEAAxk", "AgAD"),
    "voice": ("voice", "AwACAgEAAxk", "AgAD"),
    "video_note": ("video_notes", "DQACAgEAAxk", "AgAD"),
    "animation": ("animations", "CgACAgEAAxk", "AgAD"),
    "sticker": ("stickers", "CAACAgEAAxk", "AgAD"),
}


@dataclass(slots=True)
class StoredFile:
    file_id: str
    file_unique_id: str
    kind: str
    file_path: str
    content_key: str
    size: int
    name: str
    mime_type: str
    width: int = 0
    height: int = 0
    faked: bool = False
    link_until: float = 0.0

    def as_row(self) -> dict[str, Any]:
        return asdict(self)

    def facts(self) -> dict[str, Any]:
        return {"file_id": self.file_id, "file_unique_id": self.file_unique_id, "file_size": self.size}


class FileShelf:
    def __init__(self, store: Store, now: Callable[[], float], token: str) -> None:
        self._store = store
        self._now = now
        self._salt = token
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._by_unique: dict[str, StoredFile] = {}
        self._by_content: dict[str, list[StoredFile]] = {}
        self._n = 0

    def load(self, *, jump: int) -> None:
        for _, row in self._store.load("file"):
            self._place(StoredFile(**row))
        self._n = len(self._by_id) + jump

    def _place(self, file: StoredFile) -> None:
        self._by_id[file.file_id] = file
        self._by_path[file.file_path] = file
        self._by_unique[file.file_unique_id] = file
        self._by_content.setdefault(file.content_key, []).append(file)

    def add(
        self, kind: str, content: bytes, name: str, *, mime_type: str = "", fake_size: int | None = None
    ) -> list[StoredFile]:
        """Store a file; a photo gives one file per size, smallest first, everything else exactly one."""
        key = hashlib.sha256(content).hexdigest()
        self._store.keep_bytes(key, content)
        size = len(content) if fake_size is None else fake_size
        faked = fake_size is not None
        if kind != "photo":
            width, height = picture_size(content) or (0, 0)
            mime = mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
            return [self._new(kind, key, size, name, mime, (width, height), faked)]
        width, height = picture_size(content) or (0, 0)
        return [
            self._new("photo", key, size, name, "image/jpeg", scaled, faked) for scaled in photo_sizes(width, height)
        ]

    def _new(
        self, kind: str, key: str, size: int, name: str, mime: str, edges: tuple[int, int], faked: bool
    ) -> StoredFile:
        self._n += 1
        folder, prefix, unique_prefix = FOLDERS[kind]
        digest = hashlib.sha256(f"{self._salt}:{self._n}".encode()).hexdigest()
        extension = PurePosixPath(name).suffix or mimetypes.guess_extension(mime) or ""
        path = f"{folder}/file_{self._n}{'.jpg' if kind == 'photo' else extension}"
        file = StoredFile(
            prefix + digest[:48], unique_prefix + digest[48:60], kind, path, key, size, name, mime, *edges, faked
        )
        self._place(file)
        self._store.mark("file", file.file_id, file.as_row)
        return file

    def find(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def by_unique_id(self, unique_id: str) -> StoredFile | None:
        return self._by_unique.get(unique_id)

    def sizes_of(self, file: StoredFile) -> list[StoredFile]:
        """All sizes of the photo this file is one of, smallest first."""
        same = (other for other in self._by_content[file.content_key] if other.kind == "photo")
        by_edges = {(other.width, other.height): other for other in same}
        by_edges[file.width, file.height] = file
        return sorted(by_edges.values(), key=lambda other: other.width * other.height)

    def link(self, file: StoredFile) -> str:
        """The path of a download that works for the next hour."""
        file.link_until = self._now() + LINK_SECONDS
        self._store.mark("file", file.file_id, file.as_row)
        return file.file_path

    def by_path(self, path: str) -> StoredFile | None:
        file = self._by_path.get(path)
        return file if file is not None and file.link_until > self._now() else None

    async def content(self, file: StoredFile) -> bytes:
        content = await self._store.read_bytes(file.content_key) or b""
        return content.ljust(file.size, b"\0")[: file.size] if file.faked else content


def photo_sizes(width: int, height: int) -> list[tuple[int, int]]:
    longest = max(width, height)
    edges = [edge for edge in PHOTO_EDGES if edge < longest] + [min(longest, PHOTO_EDGES[-1])]
    sizes = []
    for edge in dict.fromkeys(edges):
        scale = edge / longest if longest else 1
        sizes.append((max(1, round(width * scale)), max(1, round(height * scale))))
    return sizes


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, JPEG or WebP; None for anything else."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    if content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 30:
        return None
    if content[12:16] == b"VP8X":
        return (int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1)
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    width, height = struct.unpack("<HH", content[26:30])
    return int(width) & 0x3FFF, int(height) & 0x3FFF
