"""Files by their content, and the vault of the inbox."""

import hashlib
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

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


async def test_a_file_that_was_never_stored_is_missed(store: FileStore):
    with pytest.raises(FileNotFoundError):
        await store.read("0" * 64)


def test_the_vault_opens_with_its_own_key_only():
    locked = Vault(b"k" * 32).lock(b"cuaderno azul")
    assert b"cuaderno" not in locked
    assert Vault(b"k" * 32).unlock(locked) == b"cuaderno azul"
    with pytest.raises(InvalidToken):
        Vault(b"another key of 32 bytes, or more").unlock(locked)
