"""A phone of the simulator: what its owner sends, sees and waits for."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import httpx

from tests.faults.told import Sent, Told

T = TypeVar("T")
Message = dict[str, Any]


class NothingHappensError(Exception):
    """Somebody waited in vain although the desk was there; the message says for what."""


def words_of(message: Message) -> str:
    return str(message.get("text") or message.get("caption") or "")


def buttons_of(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def button_of(message: Message, *labels: str) -> str | None:
    """The button of the message that begins with one of the labels."""
    return next((text for text in buttons_of(message) if text.startswith(labels)), None)


class Phone:
    """One person's private chat with the desk; ``mark`` is where the present story begins."""

    def __init__(self, sim: httpx.AsyncClient, user_id: int, told: Told) -> None:
        self._sim, self.id, self._told = sim, user_id, told
        self._mark = 0

    async def _post(self, path: str, **request: Any) -> Any:
        answer = await self._sim.post(f"/sim/chats/{self.id}{path}", **request)
        answer.raise_for_status()
        sent = answer.json()
        updates = [part.get("update_id") for part in sent.get("parts", [sent])]
        self._told.update_ids += [number for number in updates if number is not None]
        return sent

    async def say(self, text: str, **more: Any) -> int:
        """Send words; the id of the message."""
        return int((await self._post("/messages", json={"text": text, **more}))["message_id"])

    async def share_number(self) -> None:
        await self._post("/messages", json={"share_contact": True})

    async def send(self, files: Sequence[Sent], caption: str = "") -> int:
        """One file, or several at once: an album; the id of the (first) message."""
        data = {"kind": files[0].kind} | ({"caption": caption} if caption else {})
        uploads = [("file", (file.name, file.content)) for file in files]
        return int((await self._post("/messages", data=data, files=uploads))["message_id"])

    async def tap(self, message: Message, label: str) -> bool:
        """Whether the button was there still: a message may be changed under one's finger."""
        try:
            await self._post("/tap", json={"message_id": message["message_id"], "label": label})
        except httpx.HTTPStatusError as refusal:
            if refusal.response.status_code != httpx.codes.NOT_FOUND:
                raise
            return False
        return True

    def begin(self, message_id: int) -> None:
        """What was written before this message is another story."""
        self._mark = message_id

    async def look(self) -> tuple[list[Message], int]:
        """What the desk has written since the story began, newest first, and the chat's version."""
        answer = await self._sim.get(f"/sim/chats/{self.id}", params={"after": self._mark})
        chat = answer.raise_for_status().json()
        shown = [message for message in chat["messages"] if message["from_bot"] and not message["deleted"]]
        return shown[::-1], int(chat["version"])

    async def until(self, find: Callable[[list[Message]], T | None], *, seconds: float) -> T | None:
        """Look whenever something changes, until ``find`` finds; None when the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            messages, version = await self.look()
            found = find(messages)
            rest = deadline - time.monotonic()
            if found is not None or rest <= 0:
                return found
            wait = {"user_id": self.id, "version": version, "after": self._mark, "timeout": min(rest, 5.0)}
            changed = (await self._sim.get("/sim/wait", params=wait)).json()
            if changed["messages"] and not find(changed["messages"][::-1]):
                # the change is none that was waited for: let the desk write on before looking again
                await asyncio.sleep(0.01)

    async def button(self, *labels: str, seconds: float) -> tuple[Message, str] | None:
        """The newest message with such a button, and the button's words."""

        def find(messages: list[Message]) -> tuple[Message, str] | None:
            found = ((message, button_of(message, *labels)) for message in messages)
            return next(((message, label) for message, label in found if label), None)

        return await self.until(find, seconds=seconds)

    async def read(self, *patterns: str, seconds: float) -> tuple[Message, "re.Match[str]"] | None:
        """The newest message that matches one of the patterns."""

        def find(messages: list[Message]) -> tuple[Message, "re.Match[str]"] | None:
            for message in messages:
                for pattern in patterns:
                    if match := re.search(pattern, words_of(message)):
                        return message, match
            return None

        return await self.until(find, seconds=seconds)
