"""What a handler works with: one update, one transaction, no bot object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot import incoming
from bot.update import Message
from core.actions import people
from core.actions.content import Content
from core.actions.login import PasswordCheck
from core.actions.surroundings import Surroundings
from core.db import WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.models import Binding, Conversation, CustomerMessage, Draft, DraftState, OutboxRow, Person
from core.render import telegram
from core.render.buttons import Tap
from core.render.office import Office
from core.rules.identity import Sight, may_see


@dataclass(frozen=True)
class Tapped:
    """An inline button somebody pressed, on which message."""

    query_id: str
    tap: Tap
    arguments: tuple[str, ...]
    message_id: int | None


@dataclass(frozen=True)
class Prepared:
    """What was worked out before the transaction because it is slow (argon2)."""

    check: PasswordCheck | None = None
    old_is_right: bool | None = None  # None: it was too early to try
    new_hash: str | None = None


@dataclass
class Context:
    """One update of one private chat."""

    session: WriteSession
    office: Office
    person: Person
    conversation: Conversation
    binding: Binding | None  # the one the person acts with now
    bindings: Sequence[Binding] = ()  # all of the person in force
    message: Message | None = None
    replies_to: int | None = None  # the number of the ticket that the message answered was about
    tickets: Mapping[int, Surroundings] = field(default_factory=dict)  # written to in this transaction, by number
    drafts: Mapping[tuple[int, DraftState], Draft] = field(default_factory=dict)  # open as the update came
    newest: CustomerMessage | None = None  # the last message taken from this chat
    tapped: Tapped | None = None
    prepared: Prepared = Prepared()
    has_answered_tap: bool = False

    @property
    def chat_id(self) -> int:
        return self.person.telegram_id

    @property
    def t(self) -> Translator:
        timezone = self.binding.company.timezone if self.binding else None
        return self.office.translators.at(self.person.reads, timezone)

    @cached_property
    def content(self) -> Content | None:
        """What the message says; None without one, or where it is of a kind the desk has no use for."""
        return incoming.read(self.message, self.t) if self.message else None

    @property
    def bound(self) -> Binding:
        """The binding; handlers that need one are only reached with one."""
        assert self.binding is not None
        return self.binding

    def sees_reports(self, company_id: int) -> bool:
        return any(one.company_id == company_id and may_see(one.level, Sight.REPORTS) for one in self.bindings)

    async def look_again(self) -> None:
        """What binds the person has changed."""
        self.bindings = await people.bindings(self.session, [self.person])
        self.binding = people.the_active(self.person, self.bindings)

    def about(self, ticket_id: int | None = None) -> outbox.Subject:
        """What is said here is of the ticket, or of the company the person acts with: who leaves it reads no more."""
        if ticket_id is not None or self.binding is None:
            return outbox.Subject(ticket_id=ticket_id)
        return outbox.Subject(company_id=self.binding.company_id)

    async def say(self, payload: dict[str, Any], *, ticket_id: int | None = None) -> None:
        """Send a message to this chat once the transaction is committed."""
        outbox.post(self.session, self.chat_id, "sendMessage", payload, about=self.about(ticket_id))

    async def say_card(self, payload: dict[str, Any]) -> OutboxRow:
        """Send a message that will be edited or taken away again."""
        return await outbox.put(self.session, self.chat_id, "sendMessage", payload, about=self.about())

    async def say_text(self, text: str, *, silent: bool = False) -> None:
        await self.say(telegram.message(telegram.plain(text), silent=silent))

    async def replace(self, payload: dict[str, Any], *, company_id: int | None = None) -> None:
        """Show something in place of the message whose button was pressed, or as a message of its own.

        ``company_id``: whose it is, where that may be another than the person acts with.
        """
        if self.tapped is None or self.tapped.message_id is None:
            await self.say(payload)
            return
        edited = payload | {"message_id": self.tapped.message_id}
        about = outbox.Subject(company_id=company_id) if company_id is not None else self.about()
        outbox.post(self.session, self.chat_id, "editMessageText", edited, about=about)

    async def change_buttons(self, keyboard: dict[str, Any]) -> None:
        """Other buttons under the message whose button was pressed."""
        if self.tapped is not None and self.tapped.message_id is not None:
            payload = {"message_id": self.tapped.message_id, "reply_markup": keyboard}
            outbox.post(self.session, self.chat_id, "editMessageReplyMarkup", payload, about=self.about())

    async def answer_tap(self, text: str = "", *, alert: bool = False) -> None:
        """Every tap is answered once; a text shows as a short hint or, ``alert``, as a box."""
        if self.tapped is None or self.has_answered_tap:
            return
        self.has_answered_tap = True
        payload: dict[str, Any] = {"callback_query_id": self.tapped.query_id}
        if text:
            payload |= {"text": text[:200], "show_alert": alert}
        about = self.about() if text else outbox.Subject()
        outbox.post(self.session, self.chat_id, "answerCallbackQuery", payload, about=about)

    async def delete(self, message_id: int) -> None:
        """Take a message of the person away; that it was, is remembered."""
        key = deletion_key(self.chat_id, message_id)
        outbox.post(self.session, self.chat_id, "deleteMessage", {"message_id": message_id}, dedupe_key=key)


def deletion_key(chat_id: int, message_id: int) -> str:
    return f"delete-{chat_id}-{message_id}"
