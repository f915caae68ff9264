"""What can be done with updates before their transaction: open them, and hash the passwords among them.

A hash takes a tenth of a second and SQLite has one writer, so it is not held meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import update
from bot.context import Prepared
from bot.update import Update
from core import passwords
from core.actions import conversations, login, people
from core.db import Database, ReadSession, is_passing
from core.messaging.inbox import Waiting
from core.messaging.vault import Vault
from core.models import Conversation
from core.rules.identity import normalise_password
from core.rules.intake import LOGIN_STEPS, SECRET_STEPS, Step


@dataclass(frozen=True)
class Opened:
    """An update to work off, readable; None is one that needs no answer."""

    item: Waiting
    update: Update | None
    prepared: Prepared


async def open_all(
    database: Database, session: ReadSession, vault: Vault, waiting: Sequence[Waiting]
) -> Mapping[int, Opened | Exception]:
    """Update id → the opened update, or what went wrong: one update's own trouble, to be met when its turn comes."""
    opened = {item.update_id: _open(vault, item) for item in waiting}
    chats = {int(item.lane) for item in waiting if item.lane.isdigit()}
    for conversation in await conversations.at_steps(session, chats, SECRET_STEPS):
        for update_id, one in opened.items():
            if isinstance(one, Opened) and one.item.lane == str(conversation.chat_id):
                opened[update_id] = await _prepare_safely(database, one, conversation)
    return opened


def _open(vault: Vault, item: Waiting) -> Opened | Exception:
    try:
        return Opened(item, update.read(vault.unlock(item.raw)), Prepared())
    except Exception as error:
        return error


async def _prepare_safely(database: Database, opened: Opened, conversation: Conversation) -> Opened | Exception:
    text = opened.update.message.text if opened.update and opened.update.message else None
    if not text:
        return opened
    try:
        async with database.read() as session:
            prepared = await _prepare(session, conversation, text)
    except Exception as error:
        if is_passing(error):
            raise
        return error
    return Opened(opened.item, opened.update, prepared)


async def _prepare(session: ReadSession, conversation: Conversation, text: str) -> Prepared:
    chat_id = conversation.chat_id
    if conversation.step in LOGIN_STEPS:
        number = str(conversation.data.get("ruc", ""))
        if await login.wait_before_login(session, chat_id, number):
            return Prepared()
        return Prepared(check=await login.check_password(session, number, text))
    person = await session.scalar(people.by_telegram_id(chat_id))
    binding = await people.active_binding(session, person) if person else None
    if binding is None:
        return Prepared()
    if conversation.step is Step.OLD_PASSWORD:
        if await login.wait_of_chat(session, chat_id):
            return Prepared()
        is_right = await passwords.matches(normalise_password(text), binding.company.password_hash)
        return Prepared(old_is_right=is_right)
    if login.flaws_of(binding.company, text):
        return Prepared()
    return Prepared(new_hash=await passwords.hash_password(normalise_password(text)))
