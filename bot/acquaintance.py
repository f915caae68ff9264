"""Who is behind the updates of a batch and what they write about, read at once instead of one by one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.update import Message, Update
from core.actions import conversations, drafts, people, sources
from core.actions.surroundings import Surroundings, look_round
from core.db import WriteSession
from core.models import Binding, Conversation, CustomerMessage, Draft, DraftState, Person
from core.queries import tickets
from core.rules.intake import Step


@dataclass(frozen=True)
class Acquaintance:
    """By Telegram's id of the person, which is the chat's, unless it is said otherwise."""

    people: Mapping[int, Person]
    conversations: Mapping[int, Conversation]
    bindings: Mapping[int, Sequence[Binding]]  # of each person by its own id: those in force, oldest first
    newest: Mapping[int, CustomerMessage]
    drafts: Mapping[tuple[int, DraftState], Draft]  # (chat, state) → the one that is open
    answered: Mapping[tuple[int, int], int]  # (chat, message of ours that was answered) → number of its ticket
    tickets: Mapping[int, Surroundings]  # by number: those that are written to


async def meet(session: WriteSession, updates: Sequence[Update | None]) -> Acquaintance:
    users = [user for update in updates if update and (user := update.author) is not None]
    known = await people.greet(session, users)
    begun = await conversations.of_chats(session, known.keys())
    fresh = {chat: conversations.begin(session, chat) for chat in known.keys() - begun.keys()}
    pairs = {pair for update in updates if update and (pair := answered(update.message))}
    numbers = await tickets.of_messages(session, pairs)
    written_to = {*numbers.values(), *_awaited(begun.values())}
    return Acquaintance(
        people=known,
        conversations=begun | fresh,
        bindings=await _bindings(session, known.values()),
        newest=await sources.newest_of(session, known.keys()),
        drafts=await drafts.open_in(session, known.keys()),
        answered=numbers,
        tickets=await look_round(session, written_to, chats=known.keys()),
    )


async def _bindings(session: WriteSession, persons: Collection[Person]) -> Mapping[int, Sequence[Binding]]:
    found: dict[int, list[Binding]] = {}
    for binding in await people.bindings(session, persons):
        found.setdefault(binding.person_id, []).append(binding)
    return found


def _awaited(begun: Iterable[Conversation]) -> set[int]:
    """The tickets that Responder was tapped for."""
    return {int(talk.data.get("number", 0)) for talk in begun if talk.step is Step.ANSWER}


def answered(message: Message | None) -> tuple[int, int] | None:
    """The chat and the message that this one answers."""
    replied = message.reply_to_message if message else None
    return (message.chat_id, replied.message_id) if message and replied else None
