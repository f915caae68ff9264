"""What the bot says about itself: name, commands, descriptions, menu button."""

import re
from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.methods.call import Call, Handler
from bot.simulator.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
COMMANDS_LIMIT = 100
DESCRIPTION_LIMIT = 256


async def get_me(call: Call) -> dict[str, Any]:
    return {
        **call.world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def scope_key(scope: dict[str, Any] | None, language: str) -> str:
    scope = scope or {"type": "default"}
    return ":".join((str(scope.get("type")), str(scope.get("chat_id", "")), language))


def key_of(call: Call) -> str:
    return scope_key(call.params.mapping("scope"), call.params.text("language_code"))


def commands_for(world: World, user_id: int, language: str) -> list[dict[str, Any]]:
    """The narrowest list wins, as in the menu of a client."""
    scopes = ({"type": "chat", "chat_id": user_id}, {"type": "all_private_chats"}, {"type": "default"})
    for scope in scopes:
        for spoken in (language, ""):
            commands: list[dict[str, Any]] = world.profile["commands"].get(scope_key(scope, spoken), [])
            if commands:
                return commands
    return []


def description_for(world: World, language: str) -> str:
    words: dict[str, str] = world.profile.get("description", {})
    return words.get(language) or words.get("") or ""


async def set_my_commands(call: Call) -> bool:
    commands = call.params.items("commands")
    if len(commands) > COMMANDS_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        command["command"] = str(command.get("command", "")).removeprefix("/")
        if not COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= DESCRIPTION_LIMIT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.world.profile["commands"][key_of(call)] = commands
    return profile_changed(call)


async def get_my_commands(call: Call) -> list[dict[str, Any]]:
    commands: list[dict[str, Any]] = call.world.profile["commands"].get(key_of(call), [])
    return commands


async def delete_my_commands(call: Call) -> bool:
    call.world.profile["commands"].pop(key_of(call), None)
    return profile_changed(call)


def profile_changed(call: Call) -> bool:
    call.world.remember("profile")
    call.world.feed.publish({"kind": "profile"})
    return True


def setter_of(name: str, limit: int) -> Handler:
    async def set_words(call: Call) -> bool:
        words = call.params.text(name)
        if len(words) > limit:
            raise bad_request(f"bot {name.replace('_', ' ')} is too long")
        call.world.profile.setdefault(name, {})[call.params.text("language_code")] = words
        return profile_changed(call)

    return set_words


def getter_of(name: str) -> Handler:
    async def get_words(call: Call) -> dict[str, str]:
        words = call.world.profile.get(name, {})
        default = str(call.world.bot["first_name"]) if name == "name" else ""
        return {name: words.get(call.params.text("language_code")) or words.get("") or default}

    return get_words


async def set_chat_menu_button(call: Call) -> bool:
    button = call.params.mapping("menu_button") or {"type": "default"}
    if call.params.has("chat_id"):
        call.chat().menu_button = button
        return True
    call.world.profile["menu_button"] = button
    return profile_changed(call)


async def get_chat_menu_button(call: Call) -> dict[str, Any]:
    own = call.chat().menu_button if call.params.has("chat_id") else None
    button: dict[str, Any] = own or call.world.profile.get("menu_button") or {"type": "commands"}
    return button
