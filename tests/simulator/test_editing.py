"""Edits, deletions, reactions, pins, copies."""

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, ReactionTypeEmoji
from telegram.error import BadRequest

from tests.simulator.conftest import PNG


def button(text):
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data="x")]])


async def test_an_edit_changes_the_message_in_place(bot, ada):
    sent = await bot.send_message(ada.id, "uno", reply_markup=button("A"))
    edited = await sent.edit_text("<b>dos</b>", parse_mode="HTML")
    assert edited.message_id == sent.message_id
    assert edited.edit_date is not None
    assert edited.reply_markup is None
    last = (await ada.messages())[-1]
    assert (last["text"], last["edit_count"]) == ("dos", 1)


async def test_an_edit_that_changes_nothing_is_refused(bot, ada):
    sent = await bot.send_message(ada.id, "uno", reply_markup=button("A"))
    with pytest.raises(BadRequest, match="are exactly the same as a current content and reply markup"):
        await sent.edit_text("uno", reply_markup=button("A"))
    await sent.edit_text("uno", reply_markup=button("B"))
    with pytest.raises(BadRequest, match="not modified"):
        await sent.edit_reply_markup(button("B"))
    await sent.edit_reply_markup(None)


async def test_only_own_messages_that_are_there_can_be_edited(bot, ada):
    incoming = await ada.says("mío")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("suyo", ada.id, incoming["message_id"])
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("nada", ada.id, 9999)
    photo = await bot.send_photo(ada.id, PNG)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("texto", ada.id, photo.message_id)


async def test_captions_and_media_are_edited(bot, ada):
    photo = await bot.send_photo(ada.id, PNG, caption="antes")
    assert (await photo.edit_caption("después")).caption == "después"
    other = await photo.edit_media(InputMediaPhoto(PNG, caption="otra"))
    assert other.caption == "otra"
    assert other.photo[-1].file_id != photo.photo[-1].file_id


async def test_incoming_messages_can_be_deleted_for_two_days(bot, ada, control):
    secret = await ada.says("mi contraseña")
    await bot.delete_message(ada.id, secret["message_id"])
    assert [message["deleted"] for message in await ada.messages()][-1]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ada.id, secret["message_id"])
    old = await ada.says("viejo")
    await control.post("/sim/clock", json={"advance_seconds": 48 * 3600})
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(ada.id, old["message_id"])


async def test_many_are_deleted_at_once_and_missing_ones_skipped(bot, ada):
    ids = [(await bot.send_message(ada.id, str(n))).message_id for n in range(3)]
    assert await bot.delete_messages(ada.id, [*ids, 9999])
    assert sum(message["deleted"] for message in await ada.messages()) == 3


async def test_reactions_are_shown(bot, ada):
    sent = await ada.says("gracias")
    await bot.set_message_reaction(ada.id, sent["message_id"], "👍")
    assert (await ada.sees())["reactions"][str(sent["message_id"])] == [{"type": "emoji", "emoji": "👍"}]
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(ada.id, sent["message_id"], ReactionTypeEmoji("🥦"))
    await bot.set_message_reaction(ada.id, sent["message_id"], [])
    assert (await ada.sees())["reactions"] == {}


async def test_pins_copies_and_forwards(bot, ada):
    sent = await bot.send_photo(ada.id, PNG, caption="informe")
    await bot.pin_chat_message(ada.id, sent.message_id)
    assert (await bot.get_chat(ada.id)).pinned_message.message_id == sent.message_id
    await bot.unpin_chat_message(ada.id)
    assert (await bot.get_chat(ada.id)).pinned_message is None
    copied = await bot.copy_message(ada.id, ada.id, sent.message_id, caption="copia")
    forwarded = await bot.forward_message(ada.id, ada.id, sent.message_id)
    assert forwarded.forward_origin.sender_user.is_bot
    copy = next(message for message in await ada.messages() if message["message_id"] == copied.message_id)
    assert (copy["caption"], copy["photo"][0]["file_id"]) == ("copia", sent.photo[0].file_id)
