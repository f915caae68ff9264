"""sendMessage, sendContact, sendLocation, and the signs of life: actions and reactions."""

from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.methods.call import Call
from bot.simulator.methods.sending import deliver, text_content

ACTION_SECONDS = 5
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
REACTION_LIST = """
👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐
🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾
🤷‍♂ 🤷 🤷‍♀ 😡
"""
REACTIONS = frozenset(REACTION_LIST.split())


async def send_message(call: Call) -> dict[str, Any]:
    return deliver(call, text_content(call))


async def send_contact(call: Call) -> dict[str, Any]:
    contact = {"phone_number": call.params.text("phone_number"), "first_name": call.params.text("first_name")}
    if not contact["phone_number"]:
        raise bad_request("phone number is empty")
    if not contact["first_name"]:
        raise bad_request("first name is empty")
    for name in ("last_name", "vcard"):
        if call.params.has(name):
            contact[name] = call.params.text(name)
    return deliver(call, {"contact": contact})


async def send_location(call: Call) -> dict[str, Any]:
    try:
        location = {name: float(call.params.text(name)) for name in ("latitude", "longitude")}
    except ValueError as error:
        raise bad_request("latitude is empty") from error
    return deliver(call, {"location": location})


async def send_chat_action(call: Call) -> bool:
    action = call.params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = call.reachable_chat()
    chat.chat_action = action
    chat.action_until = call.world.now() + ACTION_SECONDS
    chat.change("action", chat_action=action)
    return True


async def set_message_reaction(call: Call) -> bool:
    chat = call.reachable_chat()
    record = call.message(chat, "react")
    reactions = call.params.items("reaction")
    for reaction in reactions:
        emoji = str(reaction.get("emoji", "")).replace("\ufe0f", "")
        if reaction.get("type") == "emoji" and emoji not in REACTIONS:
            raise bad_request("REACTION_INVALID")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    chat.reactions[record.id] = reactions
    if not reactions:
        chat.reactions.pop(record.id)
    chat.change("reaction", message_id=record.id, reactions=reactions)
    return True
