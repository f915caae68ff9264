"""What every sending method shares: formatted words, the reply, the keyboard, the delivery."""

from typing import Any

from bot.simulator.chats import Chat, Record
from bot.simulator.entities import formatted
from bot.simulator.errors import bad_request
from bot.simulator.markup import Markup, read_markup
from bot.simulator.methods.call import Call

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_content(call: Call) -> dict[str, Any]:
    text, entities = formatted(
        call.params.text("text"), call.params.text("parse_mode"), call.params.items("entities")
    )
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(caption: str, parse_mode: str, entities: list[Any]) -> dict[str, Any]:
    text, found = formatted(caption, parse_mode, entities)
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}


def caption_of(call: Call) -> dict[str, Any]:
    params = call.params
    return caption_content(params.text("caption"), params.text("parse_mode"), params.items("caption_entities"))


def reply_fields(call: Call, chat: Chat) -> dict[str, Any]:
    reply = call.params.mapping("reply_parameters") or {}
    message_id = reply.get("message_id") or call.params.integer("reply_to_message_id")
    if not message_id:
        return {}
    record = chat.find(int(message_id))
    if record is not None:
        return {"reply_to_message": without_reply(record.message)}
    if reply.get("allow_sending_without_reply") or call.params.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def without_reply(message: dict[str, Any]) -> dict[str, Any]:
    """A nested message never nests another one."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def deliver(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    """The bot's message appears in the chat: the answer of every send method."""
    markup = read_markup(call.params.mapping("reply_markup"))
    chat = call.reachable_chat()
    record = post(call, chat, {**reply_fields(call, chat), **content}, markup)
    return record.message


def post(call: Call, chat: Chat, content: dict[str, Any], markup: Markup) -> Record:
    message = {**call.world.skeleton(chat, call.world.bot), **content}
    if call.params.flag("protect_content"):
        message["has_protected_content"] = True
    if markup.inline is not None:
        message["reply_markup"] = markup.inline
    record = Record(message, from_bot=True, silent=call.params.flag("disable_notification"))
    chat.chat_action = None
    chat.touch(record, "message")
    show_keyboard(chat, markup, record.id)
    call.entry.message_id = record.id
    call.entry.message_ids.append(record.id)
    return record


def show_keyboard(chat: Chat, markup: Markup, message_id: int) -> None:
    if markup.force_reply:
        chat.change("force_reply", message_id=message_id)
    if markup.keyboard is not None or markup.removes_keyboard:
        chat.reply_keyboard = markup.keyboard
        chat.keyboard_message_id = message_id
        chat.change("keyboard", reply_keyboard=chat.reply_keyboard)
