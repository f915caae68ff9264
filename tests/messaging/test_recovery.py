"""What a sender finds that nobody brings to its end: marked before it, without it, or behind its back."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from core.models import DeliveryState, OutboxRow
from tests.faults.delivery_checks import REPEATED
from tests.messaging.wire import ADA, BRUNO, Wire, moved_away


@pytest.mark.parametrize(
    ("doubts", "state", "text"),
    [(0, "sent", f"uno\n{REPEATED}"), (1, "uncertain", None)],
    ids=["first doubt", "second doubt"],
)
async def test_a_row_found_on_its_way_at_start_is_one_doubt(wire: Wire, doubts: int, state: str, text: str | None):
    row = await wire.put(ADA, "uno")
    await wire.leave_sending(row, doubts=doubts)
    await wire.fails("500", method="getMe", times=1)
    wire.start()
    found = await wire.until(row, state, hours_fly=True)
    assert found.doubts == doubts + 1
    assert await wire.reads(ADA) == ([text] if text else [])
    assert (await wire.outcomes(row))[0] == "doubtful"
    if text:
        calls = await wire.calls("getMe", "sendMessage")
        assert [entry["method"] for entry in calls] == ["getMe", "getMe", "sendMessage"]


async def test_a_try_that_a_log_out_cancelled_and_the_desk_did_not_outlive_counts_as_a_doubt(wire: Wire):
    row = await wire.put(ADA, "uno")
    await wire.leave_sending(row, doubts=0)
    async with wire.database.write() as session:
        await session.execute(update(OutboxRow).values(state=DeliveryState.CANCELLED))
    wire.start()
    await wire.wait_for(lambda: wire.is_doubted(row))
    assert await wire.calls() == []


async def test_an_edit_found_on_its_way_is_no_doubt(wire: Wire):
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.until(row, "sent")
    await wire.stop()
    await wire.edit(row, "dos")
    await wire.leave_sending(row + 1, doubts=0)
    wire.start()
    assert (await wire.until(row + 1, "sent", hours_fly=True)).doubts == 0


async def test_rows_marked_by_a_commit_without_an_answer_are_found_again(wire: Wire):
    """The database went away as the mark was written: nobody is sending the row, and nobody restarts."""
    wire.start()
    await wire.until(await wire.put(ADA, "uno"), "sent")
    row = await wire.put(BRUNO, "dos")
    await wire.until(row, "sent")
    await wire.leave_sending(row, doubts=0)
    with capture_logs() as logs:
        async with moved_away(wire.database):
            wire.later(0)
            await wire.wait_for(lambda: is_noticed(logs))
    await wire.until(row, "sent", hours_fly=True)
    assert await wire.reads(BRUNO) == ["dos", f"dos\n{REPEATED}"]


async def is_noticed(logs: Sequence[Mapping[str, Any]]) -> bool:
    return any("lost its database" in entry["event"] for entry in logs)


async def test_rows_marked_by_a_process_that_is_dead_are_found_although_its_commit_came_late(wire: Wire):
    wire.start()
    await wire.until(await wire.put(ADA, "uno"), "sent")
    row = await wire.put(BRUNO, "dos")
    await wire.until(row, "sent")
    following = await wire.put(BRUNO, "tres")
    await wire.until(following, "sent")
    await wire.leave_sending(row, doubts=0)
    await wire.until(row, "sent", hours_fly=True)
    assert await wire.reads(BRUNO) == ["dos", "tres", f"dos\n{REPEATED}"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_under_way_is_no_stray_however_long_it_takes(wire: Wire):
    await wire.fails("hang_before", seconds=1.5, times=1)
    row = await wire.put(ADA, "uno")
    wire.start()
    await wire.until(row, "sending")
    wire.later(20)
    await wire.until(await wire.put(BRUNO, "otro"), "sent")
    assert await wire.outcomes(row) == [None]
