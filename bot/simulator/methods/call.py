"""One call of a Bot API method as its handler sees it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.simulator.chats import Chat, Record
from bot.simulator.errors import bad_request, forbidden
from bot.simulator.faults import Fault
from bot.simulator.journal import Entry
from bot.simulator.parameters import Parameters
from bot.simulator.world import World


@dataclass(slots=True)
class Call:
    world: World
    params: Parameters
    entry: Entry
    fault: Fault | None
    gone: Callable[[], Awaitable[None]]

    def chat(self) -> Chat:
        """The chat the call is about, known to the bot or not."""
        if not self.params.has("chat_id"):
            raise bad_request("chat_id is empty")
        chat = self.world.chats.get(self.params.chat_id or 0)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def open_chat(self) -> Chat:
        """A chat that has not shut the bot out."""
        chat = self.chat()
        if chat.left:
            raise forbidden("bot is not a member of the group chat")
        if chat.blocked:
            by_whom = "blocked by the user" if chat.group is None else "kicked from the group chat"
            raise forbidden(f"bot was {by_whom}")
        return chat

    def reachable_chat(self) -> Chat:
        """A chat the bot may write to."""
        chat = self.open_chat()
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def message(self, chat: Chat, purpose: str) -> Record:
        """The message named by message_id; `purpose` completes Telegram's sentence."""
        if not self.params.has("message_id"):
            raise bad_request("message identifier is not specified")
        record = chat.find(self.params.integer("message_id"))
        if record is None:
            raise bad_request(f"message to {purpose} not found")
        return record


Handler = Callable[[Call], Awaitable[Any]]
