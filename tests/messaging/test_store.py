"""Files by their content, and the vault of the inbox."""

import asyncio
import fcntl
import hashlib
import io
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from PIL import Image

from core.messaging import quarantine
from core.messaging.quarantine import TooBigError
from core.messaging.store import FileStore
from core.messaging.vault import Vault


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_the_same_bytes_are_kept_once_under_their_hash(store: FileStore, tmp_path: Path):
    first, again = await store.put(b"factura"), await store.put(b"factura")
    assert first == again
    assert first.sha256 == hashlib.sha256(b"factura").hexdigest()
    assert names(tmp_path) == [first.sha256]
    assert await store.read(first.sha256) == b"factura"


async def test_bytes_that_are_there_are_never_written_again(store: FileStore):
    stored = await store.put(b"factura")
    before = store.path(stored.sha256).stat()
    await store.put(b"factura")
    after = store.path(stored.sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("step", ["fsync", "replace"])
async def test_a_write_that_breaks_off_leaves_no_half_file(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    await store.put(b"otra")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*{"fsync": ("os.fsync", full), "replace": ("pathlib.Path.replace", full)}[step])
        with pytest.raises(OSError, match="No space"):
            await store.put(b"factura")
    assert names(tmp_path) == [hashlib.sha256(b"otra").hexdigest()]
    stored = await store.put(b"factura")
    assert await store.read(stored.sha256) == b"factura"


MEGABYTE = 1024 * 1024


async def piecewise(content: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def test_a_file_from_outside_is_kept_whole_and_labelled(store: FileStore):
    received = await store.receive(piecewise(b"%PDF-1.4 factura"), cap=100)
    assert (received.size, received.media_type) == (16, "application/pdf")
    assert received.sha256 == hashlib.sha256(b"%PDF-1.4 factura").hexdigest()
    assert await store.read(received.sha256) == b"%PDF-1.4 factura"


async def test_a_picture_has_a_small_one_beside_it(store: FileStore):
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(out, "PNG")
    received = await store.receive(piecewise(out.getvalue(), 4096), cap=MEGABYTE)
    assert received.thumbnail is not None
    assert (received.thumbnail.width, received.thumbnail.height) == (320, 240)
    assert (await store.read(received.thumbnail.sha256)).startswith(b"RIFF")


async def test_a_stream_without_end_is_cut_off(store: FileStore, tmp_path: Path):
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(MEGABYTE)

    with pytest.raises(TooBigError):
        await store.receive(endless(), cap=3 * MEGABYTE)
    assert given == 4
    assert names(tmp_path) == []


async def test_a_stream_that_breaks_off_leaves_nothing(store: FileStore, tmp_path: Path):
    async def breaks() -> AsyncIterator[bytes]:
        yield b"media factura"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.receive(breaks(), cap=100)
    assert names(tmp_path) == []


async def test_memory_does_not_grow_with_the_file(store: FileStore):
    async def large(first: int) -> AsyncIterator[bytes]:
        yield bytes([first])
        for _ in range(19):
            yield bytes(MEGABYTE)

    tracemalloc.start()
    try:
        await asyncio.gather(*(store.receive(large(n), cap=20 * MEGABYTE) for n in range(4)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * MEGABYTE


async def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(store: FileStore, tmp_path: Path):
    kept = await store.put(b"factura")
    folder = tmp_path / "files" / "quarantine"
    (folder / "tmp_of_the_dead").write_bytes(b"media fact")
    with quarantine.Held(folder) as living:
        living.write(b"viva")
        assert store.sweep() == 1
        assert names(folder) == [living.path.name]
    assert names(tmp_path) == [kept.sha256]


def test_a_file_that_is_received_is_locked(tmp_path: Path):
    with quarantine.Held(tmp_path) as held, held.path.open("rb") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


async def test_a_file_that_was_never_stored_is_missed(store: FileStore):
    with pytest.raises(FileNotFoundError):
        await store.read("0" * 64)


def test_the_vault_opens_with_its_own_key_only():
    locked = Vault(b"k" * 32).lock(b"cuaderno azul")
    assert b"cuaderno" not in locked
    assert Vault(b"k" * 32).unlock(locked) == b"cuaderno azul"
    with pytest.raises(InvalidToken):
        Vault(b"another key of 32 bytes, or more").unlock(locked)
