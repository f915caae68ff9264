"""Messages of the bot: what arrives on the phone, and what Telegram refuses in which words."""

import asyncio

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken

from tests.simulator.conftest import TOM, bot_of

NOBODY = 799999999


def button(text="Ver", **action):
    return InlineKeyboardMarkup([[InlineKeyboardButton(text, **action)]])


async def test_a_message_appears_on_the_phone(bot, ada):
    sent = await bot.send_message(ada.id, "  Buenos días  ", disable_notification=True)
    assert sent.text == "Buenos días"
    last = (await ada.messages())[-1]
    assert (last["text"], last["from_bot"], last["silent"]) == ("Buenos días", True, True)


async def test_private_chats_share_one_count_of_message_ids(bot, ada, control):
    first = await bot.send_message(ada.id, "uno")
    await control.post(f"/sim/chats/{TOM.id}/messages", json={"text": "/start"})
    second = await bot.send_message(ada.id, "dos")
    assert second.message_id == first.message_id + 2


async def test_whoever_waits_for_words_gets_them(bot, ada, control):
    version = (await ada.sees())["version"]
    waiting = asyncio.create_task(
        control.get("/sim/wait", params={"user_id": ada.id, "version": version, "contains": "listo"})
    )
    sent = await bot.send_message(ada.id, "Un momento…")
    await sent.edit_text("Ya está LISTO")
    answer = (await waiting).json()
    assert [message["text"] for message in answer["messages"]] == ["Ya está LISTO"]
    late = await control.get("/sim/wait", params={"user_id": ada.id, "version": answer["version"], "timeout": 0.01})
    assert late.json()["timed_out"]


@pytest.mark.parametrize(
    ("chat_id", "words"), [(NOBODY, "Chat not found"), (TOM.id, "bot can't initiate conversation with a user")]
)
async def test_strangers_cannot_be_written_to(bot, chat_id, words):
    with pytest.raises((BadRequest, Forbidden), match=words):
        await bot.send_message(chat_id, "Hola")


async def test_a_blocked_bot_is_told_so(bot, ada):
    await ada.do("block")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ada.id, "Hola")


async def test_a_wrong_token_is_unauthorized(simulator):
    stranger = bot_of(simulator, "1000000001:wrong")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()


async def test_an_unknown_method_is_not_found(simulator, control):
    answer = await control.post(f"/bot{simulator.token}/sendTelegram")
    assert answer.status_code == 404
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "message text is empty"), ("   ", "message text is empty"), ("x" * 4097, "message is too long")],
)
async def test_text_has_its_limits(simulator, ada, text, words):
    answer = await ada.control.post(f"/bot{simulator.token}/sendMessage", json={"chat_id": ada.id, "text": text})
    assert answer.json() == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}


async def test_the_limit_counts_the_words_without_their_markup(bot, ada):
    assert len((await bot.send_message(ada.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")).text) == 4096


async def test_every_way_to_pass_parameters_is_read(simulator, ada):
    call = f"/bot{simulator.token}/sendMessage"
    wish = {"chat_id": str(ada.id), "text": "Hola"}
    for answer in (
        await ada.control.get(call, params=wish),
        await ada.control.post(call, json=wish),
        await ada.control.post(call, data=wish),
        await ada.control.post(call, data=wish, files={"nothing": b"x"}),
    ):
        assert answer.json()["result"]["text"] == "Hola"


async def test_inline_keyboards_are_echoed_and_others_are_not(bot, ada):
    assert (await bot.send_message(ada.id, "Elija", reply_markup=button(callback_data="a"))).reply_markup
    keyboard = ReplyKeyboardMarkup([["Nuevo ticket"], [KeyboardButton("Compartir", request_contact=True)]])
    assert (await bot.send_message(ada.id, "Menú", reply_markup=keyboard)).reply_markup is None
    assert (await ada.sees())["reply_keyboard"]["keyboard"][0] == [{"text": "Nuevo ticket"}]
    await bot.send_message(ada.id, "Sin menú", reply_markup=ReplyKeyboardRemove())
    assert (await ada.sees())["reply_keyboard"] is None
    await bot.send_message(ada.id, "Responda", reply_markup=ForceReply())


async def test_pressing_the_reply_keyboard_sends_its_words_or_the_number(bot, ada):
    keyboard = ReplyKeyboardMarkup([["🎫 Nuevo ticket", KeyboardButton("Compartir", request_contact=True)]])
    await bot.send_message(ada.id, "Menú", reply_markup=keyboard)
    await ada.do("press", label="Nuevo ticket")
    await ada.do("press", label="Compartir")
    words, number = await bot.get_updates()
    assert words.message.text == "🎫 Nuevo ticket"
    assert number.message.contact.user_id == ada.id


async def test_a_keyboard_goes_with_its_message_and_after_one_use(bot, ada):
    brought = await bot.send_message(ada.id, "Menú", reply_markup=ReplyKeyboardMarkup([["A"]]))
    await brought.delete()
    assert (await ada.sees())["reply_keyboard"] is None
    once = ReplyKeyboardMarkup([["A"]], one_time_keyboard=True)
    await bot.send_message(ada.id, "Menú", reply_markup=once)
    await ada.says("B")
    assert (await ada.sees())["reply_keyboard"] is not None
    await ada.says("A")
    assert (await ada.sees())["reply_keyboard"] is None


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "ñ" * 33}, "BUTTON_DATA_INVALID"),
        ({}, "Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": "x", "url": "https://a.ec"}, "exactly one action"),
    ],
)
async def test_an_inline_button_has_one_action_that_fits(simulator, ada, keys, words):
    markup = {"inline_keyboard": [[{"text": "Ver", **keys}]]}
    wish = {"chat_id": ada.id, "text": "Hola", "reply_markup": markup}
    answer = await ada.control.post(f"/bot{simulator.token}/sendMessage", json=wish)
    assert answer.status_code == 400
    assert words in answer.json()["description"]


async def test_a_reply_quotes_or_is_refused(bot, ada):
    asked = await ada.says("¿Hay alguien?")
    sent = await bot.send_message(ada.id, "Sí", reply_parameters=ReplyParameters(asked["message_id"]))
    assert sent.reply_to_message.text == "¿Hay alguien?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ada.id, "Sí", reply_parameters=ReplyParameters(9999))
    loose = ReplyParameters(9999, allow_sending_without_reply=True)
    assert (await bot.send_message(ada.id, "Sí", reply_parameters=loose)).reply_to_message is None


async def test_a_tap_is_answered_once_and_in_time(bot, ada, control):
    await bot.send_message(ada.id, "Elija", reply_markup=button("Nº 1042: caja", callback_data="t:1042"))
    tap = await ada.do("tap", label="Nº 1042")
    (update,) = await bot.get_updates()
    assert (update.callback_query.data, update.callback_query.message.text) == ("t:1042", "Elija")
    await bot.answer_callback_query(update.callback_query.id, "Abierto", show_alert=True)
    answer = (await control.get(f"/sim/callbacks/{tap['callback_query_id']}", params={"timeout": 1})).json()
    assert (answer["answered"], answer["text"], answer["show_alert"]) == (True, "Abierto", True)
    await ada.do("tap", label="Nº 1042")
    await control.post("/sim/clock", json={"advance_seconds": 3600})
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await bot.answer_callback_query((await bot.get_updates(offset=-1))[0].callback_query.id)


async def test_forged_data_can_be_tapped(bot, ada):
    sent = await bot.send_message(ada.id, "Elija", reply_markup=button(callback_data="bueno"))
    await ada.do("tap", message_id=sent.message_id, data="malo")
    (update,) = await bot.get_updates()
    assert update.callback_query.data == "malo"


async def test_the_bot_shows_that_it_is_typing(bot: Bot, ada):
    await bot.send_chat_action(ada.id, "typing")
    assert (await ada.sees())["chat_action"] == "typing"
    await bot.send_message(ada.id, "Hola")
    assert (await ada.sees())["chat_action"] is None
