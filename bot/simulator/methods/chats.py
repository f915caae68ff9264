"""Chats and taps: facts about a chat, pins, copies, forwards, answers to a tap."""

from typing import Any

from bot.simulator.errors import bad_request
from bot.simulator.markup import read_markup
from bot.simulator.methods.call import Call
from bot.simulator.methods.sending import caption_of, post, reply_fields

ANSWER_LIMIT = 200
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
# What makes a message what it is; the rest (ids, dates, replies) belongs to the one copied.
CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "animation",
    "sticker",
    "contact",
    "location",
    "poll",
    "dice",
)


async def get_chat(call: Call) -> dict[str, Any]:
    chat = call.chat()
    facts: dict[str, Any] = {
        **chat.as_chat(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }
    pinned = chat.find(chat.pinned[-1]) if chat.pinned else None
    return {**facts, "pinned_message": pinned.message} if pinned else facts


async def pin_chat_message(call: Call) -> bool:
    chat = call.reachable_chat()
    record = call.message(chat, "pin")
    chat.pinned = [*(known for known in chat.pinned if known != record.id), record.id]
    chat.change("pin", pinned=chat.pinned)
    return True


async def unpin_chat_message(call: Call) -> bool:
    chat = call.reachable_chat()
    if not chat.pinned:
        raise bad_request("message to unpin not found")
    message_id = call.params.integer("message_id") or chat.pinned[-1]
    chat.pinned = [known for known in chat.pinned if known != message_id]
    chat.change("pin", pinned=chat.pinned)
    return True


async def unpin_all_chat_messages(call: Call) -> bool:
    chat = call.reachable_chat()
    chat.pinned = []
    chat.change("pin", pinned=[])
    return True


def source(call: Call, purpose: str) -> dict[str, Any]:
    chat = call.world.chats.get(call.params.integer("from_chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    record = chat.find(call.params.integer("message_id"))
    if record is None:
        raise bad_request(f"message to {purpose} not found")
    return record.message


async def copy_message(call: Call) -> dict[str, int]:
    original = source(call, "copy")
    content = {key: original[key] for key in CONTENT if key in original}
    if "caption" in call.params.values and "text" not in original:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_of(call)
    markup = read_markup(call.params.mapping("reply_markup"))
    chat = call.reachable_chat()
    record = post(call, chat, {**reply_fields(call, chat), **content}, markup)
    return {"message_id": record.id}


async def forward_message(call: Call) -> dict[str, Any]:
    content = forward_of(source(call, "forward"))
    chat = call.reachable_chat()
    return post(call, chat, content, read_markup(None)).message


def forward_of(message: dict[str, Any]) -> dict[str, Any]:
    """What goes along with a forward: the content and whoever said it first."""
    first = {"type": "user", "sender_user": message["from"], "date": message["date"]}
    content = {key: message[key] for key in CONTENT if key in message}
    return {"forward_origin": message.get("forward_origin") or first, **content}


async def answer_callback_query(call: Call) -> bool:
    text = call.params.text("text")
    if len(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    callback = call.world.callback_open(call.params.text("callback_query_id"))
    if callback is None:
        raise bad_request(TOO_OLD)
    call.entry.chat_id = callback.chat_id
    if callback.answer is None:
        callback.answer = {"text": text, "show_alert": call.params.flag("show_alert")}
        if call.params.has("url"):
            callback.answer["url"] = call.params.text("url")
        chat = call.world.chats[callback.chat_id]
        chat.change("callback", callback_query_id=callback.id, answer=callback.answer)
        call.world.answered.fire()
    return True


async def leave_chat(call: Call) -> bool:
    chat = call.reachable_chat()
    if chat.group is None:
        raise bad_request("chat member status can't be changed in private chats")
    chat.left = True
    chat.change("left")
    return True


async def log_out(call: Call) -> bool:
    """logOut and close: politely nothing."""
    return True
