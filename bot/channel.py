"""Telegram as a channel of the sender."""

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, InputFile
from telegram.error import BadRequest, TelegramError

from bot.client import as_delivery_error
from core.messaging.channel import Delivery, DeliveryError
from core.messaging.store import FileStore
from core.rules.limits import TELEGRAM_UPLOAD_LIMIT
from core.rules.retries import Outcome

# A file that came without words says in its caption that it may be there twice.
_CAPTIONED = frozenset({"sendPhoto", "sendDocument", "sendVideo", "sendAudio", "sendVoice", "sendAnimation"})

# What Telegram says when a repeatable call has nothing left to do.
_DONE_ALREADY = (
    "message is not modified",
    "message to edit not found",
    "message to delete not found",
    "message can't be deleted",
    "message can't be edited",
    "query is too old",
)


class TelegramChannel:
    """Makes the Bot API's calls by name; the payload is the call's parameters."""

    def __init__(self, bot: Bot, store: FileStore, report_sha256: Callable[[int], Awaitable[str]]) -> None:
        self._bot = bot
        self._store = store
        self._report_sha256 = report_sha256

    async def send(self, delivery: Delivery) -> str | None:
        """The message id of what was sent. Raises DeliveryError."""
        method, parameters = await self._call(delivery)
        try:
            answer = await self._bot.do_api_request(method, api_kwargs=parameters)
        except BadRequest as error:
            if any(words in error.message.lower() for words in _DONE_ALREADY):
                return None
            raise as_delivery_error(error) from error
        except TelegramError as error:
            raise as_delivery_error(error) from error
        return str(answer["message_id"]) if isinstance(answer, dict) and "message_id" in answer else None

    async def probe(self) -> None:
        """Ask for the bot itself: cheap, and only answered when all is well. Raises DeliveryError."""
        try:
            await self._bot.do_api_request("getMe")
        except TelegramError as error:
            raise as_delivery_error(error) from error

    async def _call(self, delivery: Delivery) -> tuple[str, dict[str, Any]]:
        """The method to call and its parameters."""
        method, parameters = delivery.method, dict(delivery.payload)
        if delivery.method != "answerCallbackQuery":
            parameters["chat_id"] = int(delivery.lane)
        if delivery.edits is not None:
            parameters["message_id"] = int(delivery.edits)
        if isinstance(parameters.get("document"), dict):
            try:
                parameters["document"] = await self._document(parameters["document"])
            except DeliveryError as error:
                if error.outcome is not Outcome.BAD_CONTENT or not delivery.as_plain or "caption" not in parameters:
                    raise
                # without its file the words still say what happened
                del parameters["document"]
                method, parameters["text"] = "sendMessage", parameters.pop("caption")
        if delivery.repetition:
            _mark_repeated(method, parameters, delivery.repetition)
        if delivery.as_plain:
            _make_plain(parameters)
        return method, parameters

    async def _document(self, document: dict[str, Any]) -> InputFile:
        """The bytes of a stored file or of a drawn report, under the name people see."""
        try:
            sha256 = document.get("sha256") or await self._report_sha256(document["report_id"])
            if self._store.path(sha256).stat().st_size > TELEGRAM_UPLOAD_LIMIT:
                raise DeliveryError(Outcome.BAD_CONTENT, "the file is larger than the 50 MB Telegram takes")
            content = await self._store.read(sha256)
        except DeliveryError:
            raise
        except (FileNotFoundError, LookupError) as error:
            raise DeliveryError(Outcome.BAD_CONTENT, f"the file is not in the store: {error}") from error
        except Exception as error:
            # database or disk: nothing was sent, and it is no fault of the message
            raise DeliveryError(Outcome.NOT_SENT, f"the file cannot be read: {type(error).__name__}") from error
        return InputFile(content, filename=document["name"])


def _mark_repeated(method: str, parameters: dict[str, Any], mark: str) -> None:
    if method in _CAPTIONED:
        parameters.setdefault("caption", "")
    for name in ("text", "caption"):
        if name in parameters:
            parameters[name] = f"{parameters[name]}\n{mark}".lstrip()
            return


def _make_plain(parameters: dict[str, Any]) -> None:
    """Telegram could not read the markup: the words matter more."""
    if parameters.pop("parse_mode", None) is None:
        return
    for name in ("text", "caption"):
        if name in parameters:
            parameters[name] = html.unescape(re.sub(r"<[^>]+>", "", parameters[name]))
