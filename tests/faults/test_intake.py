"""The slice of the runs without a network that goes with every suite."""

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from core.clock import now
from core.failpoints import arm
from core.models import Attachment
from tests.databases import BACKENDS
from tests.faults.albums import PUSH, Tray, frame, prepare, split
from tests.faults.mutations import mutated
from tests.faults.plan import Plan


@pytest.mark.parametrize("backend", BACKENDS)
async def test_albums_shuffled_late_and_across_restarts_are_never_split(backend: str):
    verdict = await split(Plan(rounds=12, seed=7, backend=backend))
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["parts"] > 2 * 12


@pytest.mark.parametrize("backend", BACKENDS)
async def test_odd_updates_of_every_kind_break_nothing_and_none_is_dropped(backend: str):
    verdict = await mutated(Plan(rounds=30, seed=11, backend=backend))
    assert verdict.is_clean, str(verdict)
    assert verdict.tally["effect"] > verdict.tally["given up"], "most of them still say something"


@pytest.fixture
def unarmed() -> Iterator[None]:
    yield
    arm("")


async def test_an_album_that_cannot_be_closed_holds_up_no_other(database_url: str, unarmed: None):
    tray = Tray(database_url)
    with time_machine.travel(now(), tick=True) as clock:
        for chat in (6001, 6002):
            await prepare(tray, chat)
            file = {"file_id": "f", "file_unique_id": "u", "file_name": f"{chat}.pdf"}
            part = frame(chat, PUSH + 10) | {"media_group_id": "g", "document": file}
            await tray.poll([{"message": part | {"reply_to_message": frame(chat, PUSH)}}])
        arm("album.before_close=raise")
        clock.shift(3.0)
        await tray.closer.close_due()
        assert await homeless(tray) == ["6001.pdf"], "the first met the fault, the second has its article"
        clock.shift(11.0)
        await tray.closer.close_due()
        assert await homeless(tray) == []
    await tray.database.close()


async def homeless(tray: Tray) -> list[str]:
    """Files that are in no article yet."""
    async with tray.database.read() as session:
        return list(await session.scalars(select(Attachment.name).where(Attachment.article_id.is_(None))))
