"""One private chat: its messages in order, its keyboard, and a version that grows with every change."""

from dataclasses import dataclass, field
from typing import Any

from bot.simulator.changes import Feed, Signal
from bot.simulator.people import Character
from bot.simulator.store import Store


@dataclass(slots=True)
class Record:
    """A message as the Bot API shapes it, plus what only the simulator knows about it."""

    message: dict[str, Any]
    from_bot: bool
    silent: bool = False
    deleted: bool = False
    edit_count: int = 0
    version: int = 0

    @property
    def id(self) -> int:
        return int(self.message["message_id"])

    @property
    def words(self) -> str:
        return str(self.message.get("text") or self.message.get("caption") or "")

    def as_row(self) -> dict[str, Any]:
        return {
            "message": self.message,
            "from_bot": self.from_bot,
            "silent": self.silent,
            "deleted": self.deleted,
            "edit_count": self.edit_count,
            "version": self.version,
        }

    def seen(self) -> dict[str, Any]:
        """The message as the control API shows it."""
        return {
            **self.message,
            "from_bot": self.from_bot,
            "deleted": self.deleted,
            "edit_count": self.edit_count,
            "silent": self.silent,
            "version": self.version,
        }


@dataclass
class Chat:
    person: Character
    store: Store
    feed: Feed
    started: bool = False
    blocked: bool = False
    made_up: bool = False
    # What the Bot API calls the chat, for a group; a private chat is described by its person.
    group: dict[str, Any] | None = None
    left: bool = False
    members: list[int] = field(default_factory=list)
    version: int = 0
    read_id: int = 0
    reply_keyboard: dict[str, Any] | None = None
    keyboard_message_id: int = 0
    chat_action: str | None = None
    action_until: float = 0.0
    menu_button: dict[str, Any] | None = None
    pinned: list[int] = field(default_factory=list)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    # What people put under messages: the emoji of each, by message.
    reacted: dict[int, dict[int, str]] = field(default_factory=dict)
    records: dict[int, Record] = field(default_factory=dict)
    changed: Signal = field(default_factory=Signal)

    @property
    def id(self) -> int:
        return self.person.id

    def as_chat(self) -> dict[str, Any]:
        return self.group or self.person.as_chat()

    def as_row(self) -> dict[str, Any]:
        return {
            "person": self.person.as_row(),
            "started": self.started,
            "blocked": self.blocked,
            "made_up": self.made_up,
            "group": self.group,
            "left": self.left,
            "members": self.members,
            "version": self.version,
            "read_id": self.read_id,
            "reply_keyboard": self.reply_keyboard,
            "keyboard_message_id": self.keyboard_message_id,
            "menu_button": self.menu_button,
            "pinned": self.pinned,
            "reactions": [[message_id, reactions] for message_id, reactions in self.reactions.items()],
            "reacted": [[message_id, list(emojis.items())] for message_id, emojis in self.reacted.items()],
        }

    def restore(self, row: dict[str, Any]) -> None:
        for name, value in row.items():
            if name not in ("person", "reactions", "reacted"):
                setattr(self, name, value)
        self.reactions = dict(row["reactions"])
        self.reacted = {message_id: dict(emojis) for message_id, emojis in row.get("reacted", [])}

    def change(self, kind: str, **facts: Any) -> None:
        """Count the change, keep it, wake those who wait for it."""
        self.version += 1
        self.store.mark("chat", str(self.id), self.as_row)
        self.changed.fire()
        self.feed.publish({"kind": kind, "user_id": self.id, "version": self.version, **facts})

    def touch(self, record: Record, kind: str) -> None:
        """A message appeared or changed."""
        record.version = self.version + 1
        self.records[record.id] = record
        self.store.mark("message", f"{self.id}:{record.id}", record.as_row)
        self.change(kind, message=record.seen())

    def find(self, message_id: int) -> Record | None:
        """The message, unless it was never there or is deleted."""
        record = self.records.get(message_id)
        return None if record is None or record.deleted else record

    def delete(self, record: Record) -> None:
        record.deleted = True
        self.touch(record, "delete")
        if record.id == self.keyboard_message_id and self.reply_keyboard is not None:
            # A client loses the keyboard together with the message that brought it.
            self.reply_keyboard = None
            self.change("keyboard", reply_keyboard=None)

    def react(self, message_id: int, user_id: int, emoji: str) -> str:
        """Replace a person's emoji under a message; answers the one before, empty if there was none."""
        emojis = self.reacted.setdefault(message_id, {})
        old = emojis.pop(user_id, "")
        if emoji:
            emojis[user_id] = emoji
        self.change("reacted", message_id=message_id, emojis=list(emojis.items()))
        return old

    def clear(self) -> None:
        for record in self.records.values():
            self.store.forget("message", f"{self.id}:{record.id}")
        self.records.clear()
        self.reactions.clear()
        self.reacted.clear()
        self.pinned.clear()
        self.reply_keyboard = None
        self.started = False
        self.change("clear")

    def unread(self) -> int:
        """The bot's messages since the person last looked."""
        count = 0
        for record in reversed(self.records.values()):
            if record.id <= self.read_id:
                break
            count += record.from_bot and not record.deleted
        return count

    def latest(self) -> Record | None:
        for record in reversed(self.records.values()):
            if not record.deleted:
                return record
        return None
