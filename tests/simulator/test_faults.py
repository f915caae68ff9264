"""Troubles on request, and the journal that tells what really happened."""

import time

import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)


async def order(control, **fault):
    answer = await control.post("/sim/faults", json=[{"method": "sendMessage", **fault}])
    assert answer.is_success, answer.text


async def sent(control):
    return (await control.get("/sim/journal", params={"method": "sendMessage"})).json()


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        ({"kind": "429", "retry_after": 7}, RetryAfter, 0),
        ({"kind": "403"}, Forbidden, 0),
        ({"kind": "401"}, InvalidToken, 0),
        ({"kind": "409"}, Conflict, 0),
        ({"kind": "400", "description": "chat not found"}, BadRequest, 0),
        ({"kind": "500"}, NetworkError, 0),
        ({"kind": "502html"}, NetworkError, 0),
        ({"kind": "drop_before"}, NetworkError, 0),
        ({"kind": "hang_before", "seconds": 0.05}, NetworkError, 0),
        ({"kind": "drop_after"}, NetworkError, 1),
        ({"kind": "hang_after", "seconds": 0.05}, NetworkError, 1),
        ({"kind": "500_after"}, NetworkError, 1),
        ({"kind": "truncated"}, TelegramError, 1),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
async def test_a_fault_looks_like_trouble_and_is_written_down(bot, ada, control, fault, error, arrived):
    await order(control, **fault, times=1)
    before = len(await ada.messages())
    with pytest.raises(error):
        await bot.send_message(ada.id, "uno")
    assert len(await ada.messages()) - before == arrived
    (entry,) = await sent(control)
    assert (entry["fault"], entry["took_effect"]) == (fault["kind"], bool(arrived))
    assert (await bot.send_message(ada.id, "dos")).text == "dos"


async def test_a_hanging_call_ends_when_the_client_gives_up(bot, ada, control):
    await order(control, kind="hang_after")
    with pytest.raises(TimedOut):
        await bot.send_message(ada.id, "uno", read_timeout=0.05)
    await control.get("/sim/idle", params={"timeout": 30})
    assert [entry["verdict"] for entry in await sent(control)] == ["hang_after"]


async def test_a_slow_answer_arrives_in_the_end(bot, ada, control):
    await order(control, kind="slow", seconds=0.1)
    assert (await bot.send_message(ada.id, "despacio")).text == "despacio"


async def test_the_nth_call_of_one_chat_can_be_chosen(bot, ada, control):
    await order(control, kind="429", retry_after=3, nth=2, chat_id=ada.id)
    await bot.send_message(ada.id, "uno")
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(ada.id, "dos")
    assert refusal.value._retry_after.total_seconds() == 3
    await bot.send_message(ada.id, "tres")


async def test_the_same_seed_brings_the_same_troubles(bot, ada, control):
    async def run():
        await control.post("/sim/seed", json={"seed": 7})
        await order(control, kind="500", probability=0.5)
        results = []
        for n in range(12):
            try:
                await bot.send_message(ada.id, str(n))
                results.append("ok")
            except NetworkError:
                results.append("500")
        await control.delete("/sim/faults")
        return results

    first = await run()
    assert len(set(first)) == 2
    assert await run() == first


async def test_a_mistyped_fault_is_refused(control):
    assert (await control.post("/sim/faults", json=[{"kind": "429x"}])).status_code == 400
    assert (await control.post("/sim/faults", json=[{"kind": "429", "often": 1}])).status_code == 400


async def test_updates_can_come_twice_or_shuffled_across_chats(bot, ada, control):
    await control.post("/sim/load", json={"users": 5, "per_user": 3, "text": "{n}"})
    batch = await bot.get_updates()
    await order(control, method="getUpdates", kind="duplicate", times=1)
    assert await bot.get_updates(offset=batch[-1].update_id + 1) == batch
    await order(control, method="getUpdates", kind="reorder", times=1)
    shuffled = await bot.get_updates()
    assert shuffled != batch
    by_chat = {}
    for update in shuffled:
        by_chat.setdefault(update.effective_user.id, []).append(update.message.text)
    assert list(by_chat.values()) == [["1", "2", "3"]] * 5


async def test_the_brake_makes_the_same_offset_wait(bot, ada, control):
    await order(control, method="getUpdates", kind="brake", seconds=0.4)
    await ada.says("hola")
    await bot.get_updates()
    before = time.monotonic()
    assert len(await bot.get_updates()) == 1
    assert time.monotonic() - before > 0.3


async def test_the_journal_tells_who_got_what(bot, ada, control):
    await ada.says("hola")
    (update,) = await bot.get_updates()
    message = await bot.send_message(ada.id, "Buenos días")
    with pytest.raises(BadRequest):
        await bot.send_message(ada.id, "<b>", parse_mode="HTML")
    entries = (await control.get("/sim/journal")).json()
    polled = next(entry for entry in entries if entry["method"] == "getUpdates")
    good, bad = entries[-2:]
    assert polled["update_ids"] == [update.update_id]
    assert (good["verdict"], good["message_id"], good["chat_id"]) == ("ok", message.message_id, ada.id)
    assert good["params"]["text"] == "Buenos días"
    assert (bad["verdict"], bad["took_effect"]) == ("400", False)
    assert (await control.get("/sim/journal", params={"after": bad["n"]})).json() == []
