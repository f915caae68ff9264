"""A group with the bot in privacy mode, and what else people do to messages: reactions, forwards, a search."""

import pytest
from telegram.error import BadRequest, Forbidden

from tests.simulator.conftest import ADA, TOM, Phone

EVERYTHING = ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"]


async def made(control) -> Phone:
    answer = await control.post("/sim/groups", json={"title": "Contadores", "members": [ADA.id, TOM.id]})
    assert answer.status_code == 201, answer.text
    return Phone(control, answer.json()["id"])


async def test_a_group_takes_the_bot_along(bot, control):
    group = await made(control)
    joined, created = await bot.get_updates()
    assert joined.my_chat_member.old_chat_member.status == "left"
    assert joined.my_chat_member.new_chat_member.status == "member"
    assert joined.my_chat_member.from_user.id == ADA.id
    assert (created.message.group_chat_created, created.message.chat.title) == (True, "Contadores")
    sent = await bot.send_message(group.id, "Atiendo en privado.")
    assert (sent.chat.type, sent.chat.id) == ("group", group.id)
    assert [row["group"]["title"] for row in (await control.get("/sim/people")).json() if row["group"]] == [
        "Contadores"
    ]


async def test_privacy_mode_hears_commands_mentions_and_replies_alone(bot, control):
    group = await made(control)
    asked = await bot.send_message(group.id, "¿En qué ayudo?")
    others = await group.says("Buenos días a todos", **{"as": TOM.id})
    assert others["update_id"] is None
    await group.says("/ayuda")
    await group.says("/ayuda@otro_bot")
    await group.says("😀 @Ventanilla_bot mire", **{"as": TOM.id})
    await group.says("Esto", reply_to=asked.message_id)
    edited = await group.do(f"messages/{others['message_id']}/edit", text="Buenas tardes")
    heard = [update.message for update in await bot.get_updates() if update.message][1:]
    assert [(message.text, message.from_user.id) for message in heard] == [
        ("/ayuda", ADA.id),
        ("😀 @Ventanilla_bot mire", TOM.id),
        ("Esto", ADA.id),
    ]
    assert edited["update_id"] is None
    seen = [message["text"] for message in await group.messages() if "text" in message]
    assert len(seen) == 6, "people see everything"


async def test_whoever_is_not_in_the_group_cannot_speak_there(control):
    group = await made(control)
    answer = await control.post(f"/sim/chats/{group.id}/messages", json={"text": "Hola", "as": 5})
    assert answer.status_code == 403
    assert (await control.post("/sim/groups", json={"title": "Nadie", "members": [5]})).status_code == 400
    assert (await control.post("/sim/groups", json={"title": " ", "members": [ADA.id]})).status_code == 400


async def test_a_group_throws_the_bot_out_and_takes_it_back(bot, control):
    group = await made(control)
    await control.delete("/sim/updates")
    await group.do("block", **{"as": TOM.id})
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(group.id, "¿Siguen ahí?")
    assert (await group.says("/ayuda"))["update_id"] is None
    await group.do("unblock")
    await bot.send_message(group.id, "Gracias")
    await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group.id, "¿Siguen ahí?")
    await group.do("unblock")
    changes = [update.my_chat_member for update in await bot.get_updates()]
    states = [(change.old_chat_member.status, change.new_chat_member.status) for change in changes]
    assert states == [("member", "kicked"), ("kicked", "member"), ("left", "member")]
    assert changes[0].from_user.id == TOM.id


async def test_a_tap_in_a_group_is_somebody_s(bot, control):
    group = await made(control)
    await control.delete("/sim/updates")
    keys = {"inline_keyboard": [[{"text": "Ver", "callback_data": "ver"}]]}
    await bot.send_message(group.id, "¿Lo ve?", reply_markup=keys)
    tap = await group.do("tap", label="Ver", **{"as": TOM.id})
    (update,) = await bot.get_updates()
    assert update.callback_query.from_user.id == TOM.id
    await update.callback_query.answer("Visto")
    answer = (await control.get(f"/sim/callbacks/{tap['callback_query_id']}")).json()
    assert answer["text"] == "Visto"


async def test_reactions_arrive_only_where_they_were_asked_for(bot, ada):
    sent = await bot.send_message(ada.id, "Listo")
    await ada.do("react", message_id=sent.message_id, emoji="👍")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=EVERYTHING)
    await ada.do("react", message_id=sent.message_id, emoji="❤️")
    await ada.do("react", message_id=sent.message_id, emoji="")
    changed, taken = [update.message_reaction for update in await bot.get_updates()]
    assert [one.emoji for one in changed.old_reaction + changed.new_reaction] == ["👍", "❤"]
    assert ([one.emoji for one in taken.old_reaction], taken.new_reaction) == (["❤"], ())
    group = await made(ada.control)
    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
    asked = await bot.send_message(group.id, "¿Listo?")
    assert (await group.do("react", message_id=asked.message_id, emoji="👍"))["update_id"] is None
    odd = await ada.control.post(f"/sim/chats/{ada.id}/react", json={"message_id": sent.message_id, "emoji": "🧾"})
    assert odd.status_code == 400, "not one of Telegram's reactions"


async def test_a_forward_names_who_said_it_first(bot, ada):
    original = await bot.send_document(ada.id, b"%PDF-1.7", filename="informe.pdf", caption="Su informe")
    source = {"chat_id": ada.id, "message_id": original.message_id}
    once = await ada.do("messages", forward=source)
    await ada.do("messages", forward={"chat_id": ada.id, "message_id": once["message_id"]})
    first, second = [update.message for update in await bot.get_updates()]
    assert first.document.file_unique_id == original.document.file_unique_id
    assert first.caption == "Su informe"
    assert first.forward_origin.sender_user.is_bot
    assert second.forward_origin == first.forward_origin
    gone = await ada.control.post(
        f"/sim/chats/{ada.id}/messages", json={"forward": {**source, "message_id": 999_999}}
    )
    assert gone.status_code == 404


async def test_the_bot_hears_nothing_of_a_deletion(bot, ada):
    sent = await ada.says("se me escapó")
    await control_delete(ada, sent["message_id"])
    assert [update.message.text for update in await bot.get_updates()] == ["se me escapó"]
    with pytest.raises(BadRequest, match="essage to be replied not found"):
        await bot.send_message(ada.id, "¿Qué?", reply_to_message_id=sent["message_id"])


async def control_delete(phone: Phone, message_id: int) -> None:
    assert (await phone.control.delete(f"/sim/chats/{phone.id}/messages/{message_id}")).is_success


async def test_a_chat_is_read_in_pages_and_searched_without_accents(ada):
    for n in range(60):
        await ada.says(f"Facturación número {n}")
    page = (await ada.control.get(f"/sim/chats/{ada.id}", params={"last": 20})).json()
    assert [message["text"][-2:] for message in page["messages"]][::19] == ["40", "59"]
    assert page["earlier"]
    before = page["messages"][0]["message_id"]
    rest = (await ada.control.get(f"/sim/chats/{ada.id}", params={"last": 100, "before": before})).json()
    assert (len(rest["messages"]), rest["earlier"]) == (41, False)
    found = (await ada.control.get(f"/sim/chats/{ada.id}/search", params={"q": "NUMERO facturacion 5"})).json()
    assert [message["text"] for message in found["messages"]][:2] == [
        "Facturación número 59",
        "Facturación número 58",
    ]
    assert len(found["messages"]) == 15
    everything = (await ada.control.get(f"/sim/chats/{ada.id}/search", params={"q": "factur"})).json()
    assert (len(everything["messages"]), everything["more"]) == (50, True)


async def test_a_message_waits_until_the_bot_has_collected_it(bot, ada):
    sent = await ada.says("hola")
    assert (await ada.sees())["uncollected"] == [sent["message_id"]]
    (update,) = await bot.get_updates()
    assert (await ada.sees())["uncollected"] == [sent["message_id"]], "handed out is not confirmed"
    await bot.get_updates(offset=update.update_id + 1)
    assert (await ada.sees())["uncollected"] == []
