"""Everything the simulator knows, in memory: people, chats, the queue, files, journal, mails."""

import asyncio
import random
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.simulator.changes import Feed, Signal
from bot.simulator.chats import Chat, Record
from bot.simulator.faults import Faults
from bot.simulator.files import FileShelf
from bot.simulator.journal import Journal
from bot.simulator.mailbox import Mailbox
from bot.simulator.people import Character
from bot.simulator.privacy import hears
from bot.simulator.store import Store
from bot.simulator.updates import UpdateQueue

# After a death that was not a clean stop the last moment is lost: no id may be given out twice.
JUMP_AFTER_A_CRASH = 1000
# Telegram tells no figure; after a minute a tap is surely too old.
CALLBACK_SECONDS = 60


@dataclass
class Callback:
    """A tap that waits for answerCallbackQuery."""

    id: str
    chat_id: int
    at: float
    answer: dict[str, Any] | None = None


class World:
    def __init__(self, store: Store, *, token: str, username: str, name: str, seed: int) -> None:
        self.store = store
        self.token = token
        self.rng = random.Random(seed)  # noqa: S311 - repeatable by intent
        self.bot: dict[str, Any] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.clock_offset = 0.0
        self.stopping = asyncio.Event()
        self.feed = Feed()
        self.chats: dict[int, Chat] = {}
        self.callbacks: dict[str, Callback] = {}
        self.answered = Signal()
        self.quiet = Signal()
        self.background: set[asyncio.Task[None]] = set()
        self.profile: dict[str, Any] = {"commands": {}}
        self.webhook: dict[str, Any] | None = None
        self.webhook_changed = Signal()
        self.journal = Journal(store)
        self.faults = Faults(self.rng)
        self.queue = UpdateQueue(store, self.feed, self.rng, self.now)
        self.files = FileShelf(store, self.now, token)
        self.mailbox = Mailbox(store, self.feed, self.now)
        self._next_message_id = 1

    def now(self) -> float:
        return time.time() + self.clock_offset

    def load(self, characters: Iterable[Character]) -> None:
        meta = dict(self.store.load("world"))
        jump = 0 if meta.get("clean", True) else JUMP_AFTER_A_CRASH
        self._next_message_id = meta.get("next_message_id", 1) + jump
        self.profile = meta.get("profile", self.profile)
        self.webhook = meta.get("webhook")
        for _, row in self.store.load("chat"):
            self.add_person(Character(**row["person"])).restore(row)
        rows = (row for _, row in self.store.load("message"))
        for row in sorted(rows, key=lambda row: int(row["message"]["message_id"])):
            record = Record(**row)
            self.chats[record.message["chat"]["id"]].records[record.id] = record
        self.queue.load(jump=jump)
        self.files.load(jump=jump)
        self.journal.load()
        self.mailbox.load()
        for character in characters:
            self.add_person(character)
        self.store.mark("world", "clean", lambda: False)
        self.queue.remember()

    def close(self) -> None:
        self.store.mark("world", "clean", lambda: True)

    def remember(self, name: str) -> None:
        """Keep `profile` or `webhook`."""
        self.store.mark("world", name, lambda: getattr(self, name))

    def add_person(self, person: Character) -> Chat:
        chat = self.chats.get(person.id)
        if chat is None:
            chat = self.chats[person.id] = Chat(person, self.store, self.feed)
        chat.person = person
        chat.store.mark("chat", str(chat.id), chat.as_row)
        return chat

    def add_group(self, group: dict[str, Any]) -> Chat:
        """A group the bot was taken into; nobody plays it on the phone."""
        chat = self.add_person(Character(int(group["id"]), str(group.get("title", ""))))
        chat.group, chat.started, chat.made_up, chat.left = group, True, True, False
        return chat

    def next_message_id(self) -> int:
        message_id, self._next_message_id = self._next_message_id, self._next_message_id + 1
        self.store.mark("world", "next_message_id", lambda: self._next_message_id)
        return message_id

    def skeleton(self, chat: Chat, sender: dict[str, Any]) -> dict[str, Any]:
        """The fields every message has; private chats share one count of ids, as in Telegram."""
        return {
            "message_id": self.next_message_id(),
            "from": sender,
            "chat": chat.as_chat(),
            "date": int(self.now()),
        }

    def receive(self, chat: Chat, message: dict[str, Any]) -> tuple[Record, int | None]:
        """A person's message: into the chat and into the queue."""
        chat.started = True
        record = Record(message, from_bot=False)
        chat.touch(record, "message")
        if chat.group is not None and (chat.blocked or chat.left or not hears(self.bot, message)):
            return record, None
        return record, self.queue.push({"message": message}, lane=chat.id, date=message["date"])

    def tap(self, chat: Chat, record: Record, data: str, *, by: Character) -> Callback:
        callback = Callback(str(secrets.randbits(62)), chat.id, self.now())
        self.callbacks[callback.id] = callback
        query = {
            "id": callback.id,
            "from": by.as_user(),
            "message": record.message,
            "chat_instance": str(chat.id * 7919),
            "data": data,
        }
        self.queue.push({"callback_query": query}, lane=chat.id)
        return callback

    def callback_open(self, callback_id: str) -> Callback | None:
        callback = self.callbacks.get(callback_id)
        if callback is None or callback.at + CALLBACK_SECONDS < self.now():
            return None
        return callback
