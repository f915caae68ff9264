"""What Telegram promises, point by point (C1–C19), and the tests that hold the simulator to each."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from bot.simulator import Simulator, updates
from tests.simulator import (
    test_editing,
    test_faults,
    test_files,
    test_receiving,
    test_sending,
    test_webhook,
)
from tests.simulator.conftest import ADA, NO_TLS, Phone


async def test_an_update_lives_a_day_from_the_date_of_its_message(bot, ada, control):
    now = (await control.post("/sim/clock", json={})).json()["now"]
    await ada.says("casi de ayer", date=now - 24 * 3600 + 60)
    await ada.says("de ayer", date=now - 24 * 3600 - 60)
    await ada.says("de hoy")
    assert [update.message.text for update in await bot.get_updates(limit=1)] == ["casi de ayer"]
    await control.post("/sim/clock", json={"advance_seconds": 120})
    assert [update.message.text for update in await bot.get_updates()] == ["de hoy"]


async def test_the_first_id_is_random_but_the_seed_s():
    async def first_id(seed: int) -> int:
        simulator = Simulator(characters=[ADA], seed=seed)
        await simulator.start()
        async with httpx.AsyncClient(base_url=simulator.url, verify=NO_TLS) as control:
            answer = await Phone(control).says("hola")
        await simulator.stop()
        return answer["update_id"]

    ids = [await first_id(seed) for seed in (1, 2, 1)]
    assert ids[0] != ids[1]
    assert ids[0] == ids[2]


async def test_the_queue_is_full_at_its_limit(bot, ada, monkeypatch):
    monkeypatch.setattr(updates, "MAX_QUEUED", 2)
    sent = [await ada.says(text) for text in ("uno", "dos", "tres")]
    assert sent[2]["update_id"] is None
    assert [update.message.text for update in await bot.get_updates()] == ["uno", "dos"]


async def test_an_answer_holds_a_hundred_updates_at_most(bot, control):
    await control.post("/sim/load", json={"users": 1, "per_user": 130, "text": "{n}"})
    first = await bot.get_updates(limit=100)
    assert len(first) == 100
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert len(rest) == 30


async def test_the_same_call_twice_is_two_messages(bot, ada):
    first, second = [await bot.send_message(ada.id, "Hola") for _ in range(2)]
    assert first.message_id != second.message_id
    assert [message["text"] for message in (await ada.messages())[-2:]] == ["Hola", "Hola"]


@pytest.mark.parametrize("payload", ["", "con espacio", "ñ", "x" * 65, "a+b"])
async def test_no_app_opens_a_link_with_such_a_payload(control, payload: str):
    answer = await control.post(f"/sim/chats/{ADA.id}/messages", json={"start": payload})
    assert answer.status_code == 400


async def test_a_link_brings_its_payload(bot, ada):
    payload = "Az09_-" * 7 + "x"  # 43 characters: 256 bits
    await ada.do("messages", start=payload)
    (update,) = await bot.get_updates()
    assert update.message.text == f"/start {payload}"


async def test_limits_and_places_are_counted_in_utf_16(bot, simulator, ada):
    call = f"/bot{simulator.token}/sendMessage"
    assert len((await bot.send_message(ada.id, "😀" * 2048)).text) == 2048
    longer = await ada.control.post(call, json={"chat_id": ada.id, "text": "😀" * 2048 + "x"})
    assert longer.json()["description"] == "Bad Request: message is too long"
    sent = await bot.send_message(ada.id, "😀 <b>ya</b>", parse_mode="HTML")
    assert (sent.entities[0].offset, sent.entities[0].length) == (3, 2)


async def test_ids_may_jump_and_a_day_may_pass_between_two_polls(bot, ada, control):
    before = (await ada.says("antes"))["update_id"]
    await control.post("/sim/faults", json=[{"kind": "jump", "method": "getUpdates", "times": 1}])
    await bot.get_updates()
    after = (await ada.says("después"))["update_id"]
    assert abs(after - before) > 1
    await control.post("/sim/faults", json=[{"kind": "expire", "method": "getUpdates", "times": 1}])
    assert await bot.get_updates() == ()


CONTRACT: Mapping[str, tuple[Callable[..., object], ...]] = {
    "C1 a day": (
        test_an_update_lives_a_day_from_the_date_of_its_message,
        test_receiving.test_updates_are_gone_after_a_day,
    ),
    "C2 the call deletes": (test_receiving.test_an_offset_deletes_everything_below_it,),
    "C3 a wrong offset": (test_receiving.test_an_offset_far_too_high_restarts_at_the_head,),
    "C4 ids": (test_the_first_id_is_random_but_the_seed_s, test_receiving.test_ids_may_restart_lower),
    "C5 a full queue": (test_the_queue_is_full_at_its_limit,),
    "C6 a hundred, the brake": (
        test_an_answer_holds_a_hundred_updates_at_most,
        test_faults.test_the_brake_makes_the_same_offset_wait,
    ),
    "C7 two pollers": (test_receiving.test_the_older_of_two_pollers_gets_the_conflict,),
    "C8 serial per chat": (test_webhook.test_other_chats_do_not_wait,),
    "C9 again": (
        test_webhook.test_a_refused_update_comes_again_before_the_next_one,
        test_webhook.test_the_waits_grow_each_time,
    ),
    "C10 awaited": (test_webhook.test_updates_are_delivered_with_the_secret,),
    "C11 a body": (test_webhook.test_updates_are_delivered_with_the_secret,),
    "C12 no key": (test_the_same_call_twice_is_two_messages,),
    "C13 own number": (test_receiving.test_only_the_own_number_carries_the_user,),
    "C14 files": (
        test_files.test_a_download_link_works_for_an_hour,
        test_files.test_big_files_are_refused_in_both_directions,
    ),
    "C15 refusals": (test_sending.test_strangers_cannot_be_written_to, test_sending.test_a_blocked_bot_is_told_so),
    "C16 too many": (test_faults.test_the_nth_call_of_one_chat_can_be_chosen,),
    "C17 deletion": (test_editing.test_incoming_messages_can_be_deleted_for_two_days,),
    "C18 payload": (test_no_app_opens_a_link_with_such_a_payload, test_a_link_brings_its_payload),
    "C19 units": (test_limits_and_places_are_counted_in_utf_16,),
}


def test_no_point_is_left_out():
    assert [point.partition(" ")[0] for point in CONTRACT] == [f"C{number}" for number in range(1, 20)]
