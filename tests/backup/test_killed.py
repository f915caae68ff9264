"""Commands that die on the way: there is the old or the new, never half of either."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from core import failpoints
from core.backup import BackupError
from core.db import Database
from tests.backup import rows
from tests.backup.conftest import Life, Place
from tests.backup.shell import Shell


def shell_of(place: Place, **settings: str) -> Shell:
    return Shell(place.folder, DATABASE_URL=place.url, **settings)


async def test_a_killed_backup_leaves_the_one_before(life: Life, place: Place, tmp_path: Path):
    shell, target = shell_of(place), tmp_path / "desk.tar"
    killed = partial(shell.runs, "backup", str(target), FAILPOINT="backup.mid=kill")
    assert (await asyncio.to_thread(killed)).returncode == -9
    assert not target.exists()

    told = await asyncio.to_thread(shell.asks, "backup", str(target))
    assert told["rows"]["tickets"] == 2
    assert told["files"] == 3
    whole = target.read_bytes()
    assert (await asyncio.to_thread(killed)).returncode == -9
    assert target.read_bytes() == whole

    # what the killed one left is gone with the next one
    await asyncio.to_thread(shell.succeeds, "backup", str(target))
    assert {path.name for path in tmp_path.glob("*desk.tar*")} == {"desk.tar"}  # noqa: ASYNC240
    assert [path.name for path in (place.folder / ".backup").iterdir()] == ["lock"]


async def test_a_killed_restore_leaves_the_desk_that_was_here(life: Life, place: Place, backend: str, tmp_path: Path):
    target = tmp_path / "desk.tar"
    await place.backs_up(target)
    await life.answers("Escrito después de la copia.")
    before = await rows.contents(life.database)
    await life.database.close()
    shell = shell_of(place)
    for moment in ("restore.mid", *(["restore.before_switch"] if backend == "sqlite" else [])):
        killed = partial(shell.runs, "restore", str(target), "--force", FAILPOINT=f"{moment}=kill")
        assert (await asyncio.to_thread(killed)).returncode == -9
        assert await rows.contents(life.database) == before, moment
        await life.database.close()

    told = await asyncio.to_thread(shell.asks, "restore", str(target), "--force")
    assert told["held"] > 0
    assert told["aside"]
    database = Database(place.url)
    after = await rows.contents(database)
    assert len(after["articles"]) == told["rows"]["articles"] == len(before["articles"]) - 1
    await database.close()


async def test_a_restore_without_room_leaves_the_desk_that_was_here(life: Life, place: Place, tmp_path: Path):
    await place.backs_up(tmp_path / "desk.tar")
    before = await rows.contents(life.database)
    await life.database.close()
    failpoints.arm("restore.mid=enospc")
    with pytest.raises(BackupError, match="Nothing is restored: No space left on device"):
        await place.restores(tmp_path / "desk.tar", force=True)
    failpoints.arm("")
    assert await rows.contents(life.database) == before


async def test_the_operator_is_told_in_sentences(life: Life, place: Place, elsewhere: Place, tmp_path: Path):
    place.store.path(life.files[0]).unlink()
    target = tmp_path / "desk.tar"
    made = await asyncio.to_thread(shell_of(place).runs, "backup", str(target))
    assert made.returncode == 1
    assert "1 of the desk's files are not in the store as they were: 7.bin" in made.stderr
    assert made.stdout.startswith(f"Backup in {target}, ")
    assert "companies: 1, tickets: 2" in made.stdout

    restored = await asyncio.to_thread(shell_of(elsewhere).succeeds, "restore", str(target))
    assert "Pushes and mails held: " in restored
    assert "7.bin" in restored

    again = await asyncio.to_thread(shell_of(elsewhere).runs, "restore", str(target))
    assert again.returncode == 1
    assert again.stderr == "The desk here is not empty; --force restores all the same and keeps it aside.\n"
    unsealed = await asyncio.to_thread(shell_of(elsewhere).runs, "backup", str(target), "--encrypt")
    assert unsealed.returncode == 2
    assert unsealed.stderr.startswith("BACKUP_PASSPHRASE: --encrypt needs it")
