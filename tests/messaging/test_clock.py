"""A clock that ran a day ahead and was set back: nothing that was written meanwhile waits for that day to come."""

from datetime import timedelta

from core.clock import now
from core.db import Database
from core.messaging.limiter import Limiter
from tests.messaging.test_inbox import accept, ids
from tests.messaging.wire import ADA, Wire

DAY = timedelta(days=1).total_seconds()


async def test_an_update_stored_ahead_of_time_is_worked_off(database: Database):
    await accept(database, (7, "ada"), at=DAY)
    assert await ids(database) == [7]


async def test_a_message_written_ahead_of_time_goes_at_once(wire: Wire):
    wire.later(DAY)
    row = await wire.put(ADA, "Buenos días")
    wire.later(-DAY)
    wire.start()
    await wire.until(row, "sent")


async def test_a_chat_that_was_refused_waits_no_day(wire: Wire):
    wire.later(DAY)
    await wire.fails("429", retry_after=30, times=1)
    row = await wire.put(ADA, "Buenos días")
    wire.start()
    await wire.wait_for(lambda: tried(wire, row))
    wire.later(-DAY)
    await wire.until(row, "sent")


async def test_telegram_that_did_not_answer_is_asked_again_before_the_day_is_over(wire: Wire):
    wire.later(DAY)
    await wire.fails("500", times=1)
    await wire.fails("500", method="getMe", times=1)
    row = await wire.put(ADA, "Buenos días")
    wire.start()
    await wire.wait_for(lambda: asked(wire))
    wire.later(-DAY)
    await wire.until(row, "sent")


async def tried(wire: Wire, row: int) -> bool:
    return await wire.outcomes(row) == ["refused"]


async def asked(wire: Wire) -> bool:
    return bool(await wire.calls("getMe"))


def test_a_pause_is_kept_while_the_clock_only_stumbles():
    limiter, moment = Limiter(per_second=1000, per_chat=1000, burst=10), now()
    limiter.pause("3001", until=moment + timedelta(seconds=30), moment=moment)
    assert limiter.wait_for("3001", moment, counts=True)
    assert limiter.wait_for("3001", moment - timedelta(seconds=1), counts=True)
    assert limiter.wait_for("3001", moment - timedelta(days=1), counts=True) == timedelta()
