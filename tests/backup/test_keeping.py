"""Backups nobody has to think of: one in each hour, by one process, and the old ones go."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select
from structlog.testing import capture_logs

from core import failpoints, jobs
from core.backup.dump import STORED
from core.backup.keeping import keep_up
from core.db import Base, Database
from core.models import Beat, Heartbeat
from tests.backup.conftest import Place

NOT_IN_THE_STORE = {"token_sha256", "code_sha256", "request_sha256", "snapshot_sha256", "logo_sha256"}


@pytest.fixture
def kept(place: Place, tmp_path: Path) -> Path:
    place.given = {"BACKUP_DIR": str(tmp_path / "kept"), "BACKUP_KEEP": "2h 2d", "DESK_TIMEZONE": "UTC"}
    return tmp_path / "kept"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 3, 4, 10, 50, tzinfo=UTC), tick=False) as clock:
        yield clock


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_every_hour_has_one_and_the_old_ones_go(
    database: Database, place: Place, kept: Path, clock: time_machine.Traveller
):
    for minutes in (0, 5, 5, 60, 60):  # 10:50, 10:55, 11:00, 12:00, 13:00
        clock.shift(timedelta(minutes=minutes))
        await keep_up(database, place.settings)
    assert names(kept) == ["ventanilla-20260304T120000Z.tar", "ventanilla-20260304T130000Z.tar"]
    clock.shift(timedelta(days=1))
    (kept / "letter.txt").write_text("Estimada Ada")
    (kept / ".ventanilla-20260304T133000Z.tar.partial").write_text("killed")
    await keep_up(database, place.settings)
    assert names(kept) == ["letter.txt", "ventanilla-20260304T130000Z.tar", "ventanilla-20260305T130000Z.tar"]


async def test_the_clocks_table_asks_for_it_and_its_sign_of_life_is_noted(
    database: Database, place: Place, kept: Path, clock: time_machine.Traveller
):
    (job,) = [job for job in jobs.JOBS if job.name == "backup"]
    await jobs.run(database, place.settings, job)
    async with database.read() as session:
        noted = await session.scalar(select(Heartbeat.at).where(Heartbeat.name == Beat.BACKUP))
    assert noted == datetime(2026, 3, 4, 10, 50, tzinfo=UTC)
    assert names(kept) == ["ventanilla-20260304T105000Z.tar"]


async def test_two_processes_make_one(database: Database, place: Place, kept: Path, clock: time_machine.Traveller):
    other = Database(place.url)
    await asyncio.gather(keep_up(database, place.settings), keep_up(other, place.settings))
    await other.close()
    assert names(kept) == ["ventanilla-20260304T105000Z.tar"]


async def test_a_full_disk_leaves_nothing_half_and_the_next_look_tries_again(
    database: Database, place: Place, kept: Path
):
    failpoints.arm("backup.mid=enospc")
    with capture_logs() as logs:
        await keep_up(database, place.settings)
    failpoints.arm("")
    assert names(kept) == []
    assert [line["error"] for line in logs] == ["The backup cannot be made: No space left on device."]
    await keep_up(database, place.settings)
    assert len(names(kept)) == 1


async def test_without_a_folder_there_are_none(database: Database, place: Place, tmp_path: Path):
    await keep_up(database, place.settings)
    assert not list(tmp_path.rglob("ventanilla-*"))  # noqa: ASYNC240


def test_every_column_that_names_a_file_is_known():
    hashes = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.c
        if column.name.endswith("sha256") and column.name not in NOT_IN_THE_STORE
    }
    assert hashes == {(table, column) for table, column, _ in STORED}
