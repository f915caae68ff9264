"""What the bot says about itself, and the order of its command menu."""

import pytest
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat, MenuButtonCommands


async def test_commands_by_scope_and_language(bot, ada):
    await bot.set_my_commands([BotCommand("start", "Empezar")])
    await bot.set_my_commands([BotCommand("nuevo", "Nuevo ticket")], scope=BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(
        [BotCommand("mis", "Mis tickets")], scope=BotCommandScopeChat(ada.id), language_code="es"
    )
    assert [command.command for command in await bot.get_my_commands()] == ["start"]
    assert [command["command"] for command in (await ada.sees())["commands"]] == ["mis"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(ada.id), language_code="es")
    assert [command["command"] for command in (await ada.sees())["commands"]] == ["nuevo"]


@pytest.mark.parametrize(("command", "description"), [("Nuevo", "x"), ("nuevo ticket", "x"), ("nuevo", "")])
async def test_odd_commands_are_refused(simulator, control, command, description):
    wish = {"commands": [{"command": command, "description": description}]}
    answer = await control.post(f"/bot{simulator.token}/setMyCommands", json=wish)
    assert answer.status_code == 400


async def test_name_descriptions_and_menu(bot, ada):
    await bot.set_my_name("Mesa de ayuda")
    await bot.set_my_description("Atiende tickets", language_code="es")
    await bot.set_my_short_description("Soporte")
    await bot.set_chat_menu_button(ada.id, MenuButtonCommands())
    assert (await bot.get_my_name()).name == "Mesa de ayuda"
    assert (await bot.get_my_description("es")).description == "Atiende tickets"
    assert (await bot.get_my_short_description()).short_description == "Soporte"
    assert (await bot.get_chat_menu_button(ada.id)).type == "commands"


async def test_who_the_bot_is(bot, ada):
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot, me.can_join_groups) == (1000000001, "ventanilla_bot", True, True)
    assert (await bot.get_chat(ada.id)).first_name == "Ada"
    assert await bot.log_out()


async def test_the_remaining_ways_to_send(bot, ada):
    assert (await bot.send_contact(ada.id, "+593991000009", "Mesa")).contact.first_name == "Mesa"
    assert (await bot.send_location(ada.id, -2.1, -79.9)).location.longitude == -79.9
    assert (await bot.send_video(ada.id, b"video", duration=3, filename="v.mp4")).video.duration
    assert (await bot.send_audio(ada.id, b"audio", filename="a.mp3")).audio.file_name == "a.mp3"
    assert (await bot.send_voice(ada.id, b"voz")).voice.mime_type == "audio/ogg"
    assert (await bot.send_animation(ada.id, b"gif", filename="g.mp4")).animation.file_id
    assert (await bot.send_video_note(ada.id, b"nota")).video_note.length
    assert (await bot.send_sticker(ada.id, b"webp")).sticker.file_id
