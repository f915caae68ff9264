"""Where a chat stands, kept in the database and nowhere else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from core.clock import now
from core.db import ReadSession, WriteSession
from core.models import Conversation
from core.rules.intake import SECRET_AWAITED, SECRET_STEPS, Step


async def of_chats(session: ReadSession, chat_ids: Collection[int]) -> dict[int, Conversation]:
    """The conversations that have begun: chat → conversation."""
    found = await session.scalars(_OF_CHATS, {"chats": list(chat_ids)})
    return {conversation.chat_id: conversation for conversation in found}


async def at_steps(
    session: ReadSession, chat_ids: Collection[int], steps: Collection[Step]
) -> Sequence[Conversation]:
    """Those of the chats that stand at one of these steps."""
    return (await session.scalars(_AT_STEPS, {"chats": list(chat_ids), "steps": list(steps)})).all()


# asked for every turn of the worker, so they are put together once
_OF_CHATS = select(Conversation).where(Conversation.chat_id.in_(bindparam("chats", expanding=True)))
_AT_STEPS = _OF_CHATS.where(Conversation.step.in_(bindparam("steps", expanding=True)))


def begin(session: WriteSession, chat_id: int) -> Conversation:
    """A chat that writes for the first time."""
    conversation = Conversation(chat_id=chat_id, step=Step.START, data={}, updated_at=now())
    session.add(conversation)
    return conversation


def go(conversation: Conversation, step: Step, **data: Any) -> None:
    """Wait for something else from now on; what the last step needed is forgotten."""
    conversation.step, conversation.data, conversation.updated_at = step, data, now()


def awaits_secret(conversation: Conversation, said_at: datetime) -> bool:
    """Whether what was said then may be a password: one was asked for, and not so long ago that nobody means it."""
    return conversation.step in SECRET_STEPS and said_at - conversation.updated_at < SECRET_AWAITED


def seen(conversation: Conversation, message_id: int) -> None:
    """A message was worked off, whatever became of it."""
    conversation.last_message = max(message_id, conversation.last_message or 0)
