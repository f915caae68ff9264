"""A desk with nothing to do does next to nothing, and wakes at once."""

import asyncio
import time
from statistics import median

from sqlalchemy import event

from core.messaging import outbox
from core.wake import Topic, Wake
from tests.desk import Customer, LiveDesk
from tests.patience import PATIENCE


async def test_a_desk_with_nothing_to_do_asks_its_database_a_few_times_a_second(live: LiveDesk, ada: Customer):
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engines = [live.database._writer.sync_engine, live.database._reader.sync_engine]
    await live.settle()
    await live.sim(f"/sim/wait?user_id={ada.id}&after=99999&timeout=0.5")  # everybody has lain down
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    began, before = time.monotonic(), time.process_time()
    await live.sim(f"/sim/wait?user_id={ada.id}&after=99999&timeout=1.5")
    spent, seconds = time.process_time() - before, time.monotonic() - began
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert 4 <= len([line for line in statements if line.startswith("SELECT")]) <= 8 * seconds
    written = [line for line in statements if line.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(written) == len([line for line in written if "heartbeats" in line]) <= 3, "a sign of life per loop"
    assert spent < seconds / 3, "a third of one processor, simulator and panel included, is a loop that never rests"


async def test_what_is_committed_goes_out_without_waiting_for_the_next_look(live: LiveDesk, ada: Customer):
    waited = []
    for number in range(5):
        await live.settle()
        await live.sim(f"/sim/wait?user_id={ada.id}&after=99999&timeout=0.1")  # everybody has lain down
        before = time.monotonic()
        async with live.database.write() as session:
            await outbox.put(session, ada.id, "sendMessage", {"text": f"número {number}"})
        await live.sim(f"/sim/wait?user_id={ada.id}&contains=n%C3%BAmero+{number}&timeout=30")
        waited.append(time.monotonic() - before)
    assert median(waited) < 0.5, "the next look would come after a second"


async def test_a_bell_rung_while_nobody_waits_is_not_lost():
    wake = Wake()
    wake.ring([Topic.INBOX])
    async with asyncio.timeout(PATIENCE):
        await wake.wait(Topic.INBOX, seconds=600)
    waiting = asyncio.create_task(wake.wait(Topic.INBOX, seconds=600))
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.ring([Topic.OUTBOX])
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.ring([Topic.INBOX])
    async with asyncio.timeout(PATIENCE):
        await waiting


async def test_a_wait_without_a_bell_ends_by_itself():
    async with asyncio.timeout(PATIENCE):
        await Wake().wait(Topic.FILES, seconds=0.01)
