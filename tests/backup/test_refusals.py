"""What is no whole backup, or has no place here, is refused in one sentence, and nothing is touched."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup import BackupError, manifest
from core.backup.sealing import CHUNK
from core.db import Database
from tests import databases
from tests.backup import rows
from tests.backup.conftest import Life, Place


@pytest.fixture
async def backup(life: Life, place: Place, tmp_path: Path) -> Path:
    path = tmp_path / "desk.tar"
    await place.backs_up(path)
    return path


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The archive with its members changed, and a manifest that knows nothing of it unless changed too."""
    with tarfile.open(path) as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            changed = change(name, content)
            if changed is not None:
                info = tarfile.TarInfo(name)
                info.size = len(changed)
                tar.addfile(info, io.BytesIO(changed))


def newer(path: Path, old: bytes, new: bytes) -> None:
    """The manifest says something else, and vouches for it."""
    told: list[bytes] = []

    def change(name: str, content: bytes) -> bytes:
        if name == manifest.NAME:
            told.append(content.replace(old, new))
            return told[0]
        return hashlib.sha256(told[0]).hexdigest().encode() if name == manifest.CHECK else content

    rewritten(path, change)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut off in the middle": (
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        "cut off",
    ),
    "cut off before its manifest": (
        lambda path: rewritten(path, lambda name, content: None if "manifest" in name else content),
        "its end is missing",
    ),
    "a file is another": (
        lambda path: rewritten(path, lambda name, content: content[::-1] if "files/" in name else content),
        "files/.* is damaged or missing",
    ),
    "a file is missing": (
        lambda path: rewritten(path, lambda name, content: None if "files/" in name else content),
        "files/.* is damaged or missing",
    ),
    "the database is another": (
        lambda path: rewritten(path, lambda name, content: content + b"x" if "database/" in name else content),
        "database/.* is damaged or missing",
    ),
    "the manifest is another": (
        lambda path: rewritten(path, lambda name, content: content + b" " if name == manifest.NAME else content),
        "manifest cannot be read",
    ),
    "no backup at all": (lambda path: path.write_bytes(b"a letter" * 2000), "no backup of Ventanilla"),
    "a stranger in the archive": (
        lambda path: (
            rewritten(path, lambda name, content: content if name != "VENTANILLA" else None)
            or _add(path, "../../etc/passwd")
        ),
        "nothing a backup has",
    ),
    "of a newer schema": (lambda path: newer(path, b'"revision": "0', b'"revision": "9'), "A newer Ventanilla"),
    "of a newer format": (lambda path: newer(path, b'"format": 1', b'"format": 2'), "A newer Ventanilla"),
}


def _add(path: Path, name: str) -> None:
    with tarfile.open(path, "a") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())


async def test_a_damaged_backup_touches_nothing(
    life: Life, place: Place, backup: Path, elsewhere: Place, tmp_path: Path
):
    """One desk, all damages in turn: a desk that is there stays what it is, a place without one stays empty."""
    whole, before = backup.read_bytes(), await rows.contents(life.database)  # noqa: ASYNC240 - some kilobytes
    await life.database.close()
    for what, (damage, says) in DAMAGES.items():
        backup.write_bytes(whole)  # noqa: ASYNC240
        damage(backup)
        with pytest.raises(BackupError, match=says):
            await place.restores(backup, force=True)
        assert await rows.contents(life.database) == before, what
        await life.database.close()
        with pytest.raises(BackupError, match=says):
            await elsewhere.restores(backup)
    left = [path for path in elsewhere.folder.rglob("*") if path.is_file() and path.name != "lock"]
    assert [path for path in left if not path.name.endswith((".db", ".key"))] == []


async def test_a_sealed_backup_wants_its_passphrase(
    life: Life, place: Place, elsewhere: Place, tmp_path: Path, backend: str
):
    place.given = {"BACKUP_PASSPHRASE": "doce letras o más"}
    path = tmp_path / "desk.tar.sealed"
    await place.backs_up(path)
    with pytest.raises(BackupError, match="expected the passphrase it was made with"):
        await elsewhere.restores(path)
    elsewhere.given = {"BACKUP_PASSPHRASE": "otra frase de paso"}
    with pytest.raises(BackupError, match="does not open this backup"):
        await elsewhere.restores(path)
    elsewhere.given = place.given
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BackupError, match=r"damaged or cut off|does not open"):
        await elsewhere.restores(path)
    assert path.stat().st_size < CHUNK


async def test_a_desk_that_runs_or_is_not_empty_is_not_overwritten(life: Life, place: Place, backup: Path):
    async with life.database.read() as session:  # the desk, up and running
        await session.connection()
        with pytest.raises(BackupError, match="The desk is running"):
            await place.restores(backup, force=True)
    await life.database.close()
    with pytest.raises(BackupError, match="The desk here is not empty"):
        await place.restores(backup)


async def test_a_desk_on_the_other_database_is_refused(place: Place, backup: Path, backend: str, tmp_path: Path):
    other = "sqlite" if backend == "postgresql" else "postgresql"
    url = await databases.blank_url(other, tmp_path)
    (tmp_path / "third").mkdir()
    with pytest.raises(BackupError, match=f"the backup is of a desk on {backend}, here is {other}"):
        await Place(tmp_path / "third", url).restores(backup)
    await databases.drop(url)


async def test_only_a_backup_is_replaced_by_a_backup(place: Place, backup: Path, life: Life, tmp_path: Path):
    await place.backs_up(backup)  # again, over the one before
    letter = tmp_path / "letter.txt"
    letter.write_text("Estimada Ada")
    with pytest.raises(BackupError, match="exists and is no backup"):
        await place.backs_up(letter)
    assert letter.read_text() == "Estimada Ada"
    with pytest.raises(BackupError, match="There is no folder"):
        await place.backs_up(tmp_path / "nowhere" / "desk.tar")


async def test_what_the_store_has_lost_is_named_and_the_rest_is_kept(
    place: Place, life: Life, elsewhere: Place, tmp_path: Path
):
    lost, spoilt = life.files
    place.store.path(lost).unlink()
    place.store.path(spoilt).write_bytes(b"captura de otra cosa")
    path = tmp_path / "desk.tar"
    made = await place.backs_up(path)
    assert made.missing == {lost: "7.bin (No such file or directory)", spoilt: "700000.bin (damaged)"}
    restored = await elsewhere.restores(path)
    assert restored.told.missing == made.missing
    assert restored.files == 1
    assert not elsewhere.store.path(spoilt).exists()
    database = Database(elsewhere.url)
    assert await rows.contents(database)
    await database.close()
