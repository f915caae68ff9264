"""Where a chat stands, kept in the database and nowhere else."""

from typing import Any

from core.clock import now
from core.db import WriteSession
from core.models import Conversation
from core.rules.intake import Step


async def of_chat(session: WriteSession, chat_id: int) -> Conversation:
    conversation = await session.get(Conversation, chat_id)
    if conversation is None:
        conversation = Conversation(chat_id=chat_id, step=Step.START, data={}, updated_at=now())
        session.add(conversation)
        await session.flush()
    return conversation


def go(conversation: Conversation, step: Step, **data: Any) -> None:
    """Wait for something else from now on; what the last step needed is forgotten."""
    conversation.step, conversation.data, conversation.updated_at = step, data, now()


def seen(conversation: Conversation, message_id: int) -> None:
    """A message was worked off, whatever became of it."""
    conversation.last_message = max(message_id, conversation.last_message or 0)
