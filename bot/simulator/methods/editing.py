"""Changing and removing what was said."""

from typing import Any

from bot.simulator.chats import Chat, Record
from bot.simulator.errors import bad_request
from bot.simulator.markup import read_markup
from bot.simulator.methods.call import Call
from bot.simulator.methods.media import media_content
from bot.simulator.methods.sending import caption_of, text_content

DELETE_SECONDS = 48 * 3600
DELETE_LIMIT = 100
WORDS = ("text", "entities", "caption", "caption_entities")
MEDIA = ("photo", "document", "video", "audio", "animation", "voice")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def editable(call: Call) -> tuple[Chat, Record]:
    chat = call.open_chat()
    record = call.message(chat, "edit")
    if not record.from_bot:
        raise bad_request("message can't be edited")
    return chat, record


def change(call: Call, chat: Chat, record: Record, content: dict[str, Any], gone: tuple[str, ...]) -> Any:
    """Replace the fields named in `gone` by the content; the keyboard always follows the call."""
    markup = read_markup(call.params.mapping("reply_markup"))
    kept = {key: value for key, value in record.message.items() if key not in (*gone, "reply_markup")}
    edited = {**kept, **content}
    if markup.inline is not None:
        edited["reply_markup"] = markup.inline
    before = {key: value for key, value in record.message.items() if key != "edit_date"}
    if before == {key: value for key, value in edited.items() if key != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    if content or gone:
        edited["edit_date"] = int(call.world.now())
        record.edit_count += 1
    record.message = edited
    chat.touch(record, "edit")
    call.entry.message_id = record.id
    return record.message


async def edit_message_text(call: Call) -> Any:
    content = text_content(call)
    chat, record = editable(call)
    if "text" not in record.message:
        raise bad_request("there is no text in the message to edit")
    return change(call, chat, record, content, WORDS)


async def edit_message_caption(call: Call) -> Any:
    content = caption_of(call)
    chat, record = editable(call)
    if not any(kind in record.message for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return change(call, chat, record, content, WORDS)


async def edit_message_media(call: Call) -> Any:
    content = media_content(call, call.params.mapping("media") or {})
    chat, record = editable(call)
    return change(call, chat, record, content, WORDS + MEDIA)


async def edit_message_reply_markup(call: Call) -> Any:
    chat, record = editable(call)
    return change(call, chat, record, {}, ())


def deletable(call: Call, record: Record) -> bool:
    return int(record.message["date"]) + DELETE_SECONDS > call.world.now()


async def delete_message(call: Call) -> bool:
    chat = call.chat()
    record = call.message(chat, "delete")
    if not deletable(call, record):
        raise bad_request("message can't be deleted for everyone")
    chat.delete(record)
    call.entry.message_id = record.id
    return True


async def delete_messages(call: Call) -> bool:
    """Those that cannot be found are skipped, as in Telegram."""
    chat = call.chat()
    wanted = call.params.items("message_ids")
    if not 1 <= len(wanted) <= DELETE_LIMIT:
        raise bad_request("message identifiers are not specified" if not wanted else "too many messages")
    for message_id in wanted:
        record = chat.find(int(message_id))
        if record is not None and deletable(call, record):
            chat.delete(record)
            call.entry.message_ids.append(record.id)
    return True
