"""Courtesy: 25 messages a second overall, one a second to a chat after a burst of three."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.messaging.limiter import Limiter
from tests.messaging.wire import ADA, BRUNO, CARLA, DORA, Wire

MOMENT = datetime(2026, 3, 2, 15, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return MOMENT + timedelta(seconds=seconds)


def most_too_many(entries: list[dict[str, Any]], *, rate: float, burst: int) -> float:
    """By how many messages any stretch of time had more than the limit allows; 0 and less is polite."""
    times = [entry["wall"] for entry in entries]
    return max(
        (last - first + 1) - burst - rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_one_chat_gets_three_at_once_and_then_one_a_second(wire: Wire):
    wire.limits = {"per_second": 25.0, "per_chat": 1.0, "burst": 3}
    rows = [await wire.put(ADA, str(number)) for number in range(5)]
    wire.start()
    await wire.wait_for(lambda: hurried(wire, rows[-1]))
    calls = await wire.calls(chat=ADA)
    assert most_too_many(calls, rate=1.0, burst=3) < 0.9
    assert most_too_many(calls, rate=1.0, burst=3) > -0.9, "slower than it may be"
    assert await wire.reads(ADA) == [str(number) for number in range(5)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_all_chats_together_keep_the_overall_limit(wire: Wire):
    wire.limits = {"per_second": 5.0, "per_chat": 1000.0, "burst": 100}
    rows = [await wire.put(chat, "hola") for _ in range(3) for chat in (ADA, BRUNO, CARLA, DORA)]
    wire.start()
    await wire.wait_for(lambda: hurried(wire, *rows))
    assert most_too_many(await wire.calls(), rate=5.0, burst=5) < 1.9


async def hurried(wire: Wire, *rows: int) -> bool:
    """Whether they are sent; time runs four times as fast, no faster: a call has to arrive when it was made."""
    wire.later(0.03)
    return await wire.states(*rows) == {"sent"}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_three_refused_chats_make_everyone_wait(wire: Wire):
    for chat in (ADA, BRUNO, CARLA):
        await wire.fails("429", retry_after=4, times=1, chat_id=chat)
    refused = [await wire.put(chat, "hola") for chat in (ADA, BRUNO, CARLA)]
    wire.start()
    await wire.wait_for(lambda: all_tried(wire, refused))
    dora = await wire.put(DORA, "hola")
    wire.later(2)
    await wire.until(dora, "sent", hours_fly=True)
    (call,) = await wire.calls(chat=DORA)
    last_refusal = max(entry["wall"] for entry in await wire.calls() if entry["verdict"] == "429")
    assert call["wall"] - last_refusal >= 4


async def all_tried(wire: Wire, rows: list[int]) -> bool:
    return all([await wire.outcomes(row) == ["refused"] for row in rows])


async def test_a_refusal_is_minded_after_a_restart_even_by_answers_to_taps(wire: Wire):
    await wire.fails("429", retry_after=30, times=1, chat_id=ADA)
    first = await wire.put(ADA, "hola")
    wire.start()
    await wire.wait_for(lambda: all_tried(wire, [first]))
    await wire.stop()
    menu = await wire.put(ADA, "", method="setMessageReaction", payload={"message_id": 1})
    wire.start()
    await wire.until(await wire.put(BRUNO, "hola"), "sent")
    assert await wire.calls("setMessageReaction") == []
    wire.later(31)
    await wire.until(first, "sent")
    await wire.wait_for(lambda: all_over(wire, menu))
    assert await wire.reads(ADA) == ["hola"]


async def test_three_refusals_before_a_restart_make_everyone_wait_after_it(wire: Wire):
    for chat in (ADA, BRUNO, CARLA):
        await wire.fails("429", retry_after=30, times=1, chat_id=chat)
    refused = [await wire.put(chat, "hola") for chat in (ADA, BRUNO, CARLA)]
    wire.start()
    await wire.wait_for(lambda: all_tried(wire, refused))
    await wire.stop()
    dora = await wire.put(DORA, "hola")
    wire.start()
    wire.later(15)
    await wire.until(dora, "sent", hours_fly=True)
    (call,) = await wire.calls(chat=DORA)
    last_refusal = max(entry["wall"] for entry in await wire.calls() if entry["verdict"] == "429")
    assert call["wall"] - last_refusal >= 30


async def all_over(wire: Wire, *rows: int) -> bool:
    """Nothing is tried any more, whatever Telegram said to it."""
    return not await wire.states(*rows) & {"queued", "sending"}


def waits(limiter: Limiter, lane: str, at: datetime) -> float:
    return limiter.wait_for(lane, at, counts=True).total_seconds()


def a_limiter() -> Limiter:
    return Limiter(per_second=1000, per_chat=1000, burst=10)


def test_two_refused_chats_leave_the_others_alone():
    limiter = a_limiter()
    for lane in ("1", "2", "2"):
        limiter.pause(lane, until=later(9), moment=MOMENT)
    assert waits(limiter, "3", MOMENT) == 0
    assert waits(limiter, "1", MOMENT) == 9


def test_everyone_waits_for_the_three_and_not_for_the_long_pause_of_another():
    limiter = a_limiter()
    limiter.pause("old", until=later(3600), moment=MOMENT)
    for lane in ("1", "2", "3"):
        limiter.pause(lane, until=later(25), moment=later(20))
    assert waits(limiter, "4", later(20)) == 5
    assert waits(limiter, "4", later(25)) == 0


def test_a_pause_holds_for_calls_outside_the_allowance_too():
    limiter = a_limiter()
    limiter.pause("1", until=later(5), moment=MOMENT)
    assert limiter.wait_for("1", MOMENT, counts=False) == timedelta(seconds=5)


def test_chats_that_are_quiet_again_are_forgotten():
    limiter = Limiter(per_second=1e9, per_chat=1, burst=3)
    for lane in range(1000):
        limiter.wait_for(str(lane), MOMENT, counts=True)
        limiter.pause(str(lane), until=later(1), moment=MOMENT)
    limiter.forget_idle(later(30))
    assert sum(map(len, (limiter._lanes, limiter._pauses))) == 0
    limiter.pause("0", until=later(40), moment=later(30))
    assert len(limiter._refusals) == 1
