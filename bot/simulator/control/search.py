"""Words looked for in one chat, accents and capitals aside."""

import unicodedata
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.simulator.chats import Record
from bot.simulator.control.requests import chat_of

FOUND_LIMIT = 50


def folded(words: str) -> str:
    parts = unicodedata.normalize("NFD", words)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def words_of(record: Record) -> str:
    """What a person would look for: the text, the caption, the name of a file or of a contact."""
    message = record.message
    named = (message.get(kind, {}).get("file_name", "") for kind in ("document", "audio", "video"))
    contact = message.get("contact", {}).get("first_name", "")
    return " ".join(filter(None, (record.words, *named, contact)))


async def search(request: Request) -> JSONResponse:
    """The newest messages that hold all the words of ?q=, and whether there are more."""
    wanted = folded(request.query_params.get("q", "")).split()
    found: list[dict[str, Any]] = []
    for record in reversed(chat_of(request).records.values()) if wanted else ():
        words = folded(words_of(record))
        if not record.deleted and all(word in words for word in wanted):
            found.append(record.seen())
            if len(found) > FOUND_LIMIT:
                break
    return JSONResponse({"messages": found[:FOUND_LIMIT], "more": len(found) > FOUND_LIMIT})
