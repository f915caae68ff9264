"""getUpdates: what arrives, what is confirmed, and who gets the conflict."""

import asyncio

import pytest
from telegram.error import Conflict, Forbidden

from tests.patience import PATIENCE
from tests.simulator.conftest import ADA, TOM, Phone, bot_of


async def test_what_ada_writes_reaches_the_bot(bot, control):
    await Phone(control).says("/start invitacion-1")
    (update,) = await bot.get_updates()
    assert update.message.text == "/start invitacion-1"
    assert update.effective_user.language_code == "es"
    assert update.message.entities[0].type == "bot_command"
    assert update.message.date.timestamp() > 0


async def test_a_long_poll_answers_as_soon_as_something_arrives(bot, ada):
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    await until_polling(ada.control)
    await ada.says("hola")
    (update,) = await asyncio.wait_for(polling, PATIENCE)
    assert update.message.text == "hola"


async def test_an_offset_deletes_everything_below_it(bot, ada):
    for text in ("uno", "dos", "tres"):
        await ada.says(text)
    first, second, _ = await bot.get_updates()
    assert second.update_id == first.update_id + 1
    left = await bot.get_updates(offset=second.update_id)
    assert [update.message.text for update in left] == ["dos", "tres"]
    assert len((await ada.control.get("/sim/updates")).json()) == 2


async def test_a_negative_offset_keeps_the_last_ones(bot, ada):
    for text in ("uno", "dos", "tres"):
        await ada.says(text)
    assert [update.message.text for update in await bot.get_updates(offset=-1)] == ["tres"]
    assert [update.message.text for update in await bot.get_updates()] == ["tres"]


async def test_an_offset_far_too_high_restarts_at_the_head(bot, ada):
    await ada.says("hola")
    (update,) = await bot.get_updates(offset=2_000_000_000)
    assert update.message.text == "hola"


async def test_ids_may_restart_lower(bot, ada, control):
    await ada.says("antes")
    (before,) = await bot.get_updates()
    await bot.get_updates(offset=before.update_id + 1)
    await control.post("/sim/updates/jump", json={"next_id": 5})
    await ada.says("después")
    (after,) = await bot.get_updates(offset=before.update_id + 1)
    assert (after.update_id, after.message.text) == (5, "después")


async def test_the_older_of_two_pollers_gets_the_conflict(bot, simulator, ada):
    async with bot_of(simulator) as other:
        older = asyncio.create_task(bot.get_updates(timeout=30))
        await until_polling(ada.control)
        newer = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        await ada.says("hola")
        assert [update.message.text for update in await newer] == ["hola"]


async def test_updates_are_gone_after_a_day(bot, ada, control):
    await ada.says("ayer")
    await control.post("/sim/clock", json={"advance_seconds": 24 * 3600 + 1})
    await ada.says("hoy")
    assert [update.message.text for update in await bot.get_updates()] == ["hoy"]


async def test_only_the_kinds_asked_for_arrive(bot, ada):
    await bot.get_updates(allowed_updates=["callback_query"])
    await ada.says("nadie lo oye")
    assert await bot.get_updates() == ()


async def test_edits_blocks_and_reactions_are_updates_of_their_own(bot, ada):
    await bot.get_updates(allowed_updates=["message", "edited_message", "my_chat_member", "message_reaction"])
    sent = await ada.says("hoal")
    await ada.do(f"messages/{sent['message_id']}/edit", text="hola")
    await ada.do("react", message_id=sent["message_id"], emoji="👍")
    await ada.do("block")
    await ada.do("unblock")
    _, edited, reaction, blocked, back = await bot.get_updates()
    assert (edited.edited_message.text, edited.edited_message.message_id) == ("hola", sent["message_id"])
    assert edited.edited_message.edit_date is not None
    assert reaction.message_reaction.new_reaction[0].emoji == "👍"
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member.new_chat_member.status == "member"


async def test_only_the_own_number_carries_the_user(bot, ada):
    await ada.do("messages", share_contact=True)
    await ada.do("messages", contact={"phone_number": "+593990000000", "first_name": "Otra"})
    own, other = await bot.get_updates()
    assert own.message.contact.user_id == ADA.id
    assert own.message.contact.phone_number == "593991000001"
    assert other.message.contact.user_id is None


async def test_replies_are_nested_and_forwards_name_their_origin(bot, ada, control):
    asked = await bot.send_message(ada.id, "¿Cuál?")
    await ada.says("Esta", reply_to=asked.message_id)
    await ada.says("Mire", forwarded_from=TOM.id)
    await ada.says("Mire", forwarded_from="Alguien")
    reply, known, hidden = await bot.get_updates()
    assert reply.message.reply_to_message.text == "¿Cuál?"
    assert reply.message.reply_to_message.from_user.is_bot
    assert known.message.forward_origin.sender_user.id == TOM.id
    assert hidden.message.forward_origin.sender_user_name == "Alguien"


async def test_a_long_text_is_split_as_a_client_does(bot, ada):
    sent = await ada.says("palabra " * 1000)
    assert len(sent["parts"]) == 2
    parts = await bot.get_updates()
    assert "".join(update.message.text for update in parts) == "palabra " * 1000
    assert all(len(update.message.text) <= 4096 for update in parts)


async def test_raw_updates_are_injected_as_they_are(bot, control):
    answer = await control.post("/sim/updates", json=[{"something_new": {"id": 1}}, {"message": {"text": 5}}])
    first, second = answer.json()["update_ids"]
    raw = (await control.get(f"/bot{bot.token}/getUpdates")).json()["result"]
    assert raw == [
        {"update_id": first, "something_new": {"id": 1}},
        {"update_id": second, "message": {"text": 5}},
    ]


async def test_a_group_is_told_once_and_left(bot, control):
    group = {"id": -1001234567890, "type": "supergroup", "title": "Contadores"}
    message = {"message_id": 1, "date": 1, "chat": group, "from": {"id": 5, "is_bot": False, "first_name": "X"}}
    await control.post("/sim/updates", json={"message": {**message, "text": "hola"}})
    (update,) = await bot.get_updates()
    await update.effective_chat.send_message("Atiendo en privado.")
    await bot.leave_chat(group["id"])
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group["id"], "¿Siguen ahí?")
    seen = (await control.get(f"/sim/chats/{group['id']}")).json()
    assert [message["text"] for message in seen["messages"]] == ["Atiendo en privado."]
    assert group["id"] not in [person["id"] for person in (await control.get("/sim/people")).json()]


async def test_a_poller_that_died_is_not_handed_anything(simulator, ada, control):
    polling = asyncio.create_task(control.get(f"/bot{simulator.token}/getUpdates?timeout=30"))
    await until_polling(control)
    polling.cancel()
    await control.get("/sim/idle", params={"until": "not_polling", "timeout": 30})
    await ada.says("hola")
    assert [entry["update_ids"] for entry in await journal(control, "getUpdates")] == [[]]


async def test_made_up_users_take_turns(bot, control):
    answer = await control.post("/sim/load", json={"users": 3, "per_user": 2, "text": "mensaje {n}"})
    updates = await bot.get_updates()
    assert [update.update_id for update in updates] == answer.json()["update_ids"]
    assert [update.message.text for update in updates] == ["mensaje 1"] * 3 + ["mensaje 2"] * 3
    assert len({update.effective_user.id for update in updates}) == 3


async def until_polling(control):
    assert (await control.get("/sim/idle", params={"until": "polling", "timeout": 30})).json()["polling"]


async def journal(control, method=""):
    return (await control.get("/sim/journal", params={"method": method})).json()
