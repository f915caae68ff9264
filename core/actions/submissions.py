"""A form that is sent twice – a double click, a page loaded again – does its work once."""

import hashlib

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import now
from core.db import WriteSession
from core.models import IdempotentAnswer, Technician

SEE_OTHER = 303


async def was_sent(session: WriteSession, actor: Technician, submission: str) -> bool:
    """Whether the form with this id has done its work."""
    query = select(IdempotentAnswer.id).where(
        IdempotentAnswer.technician_id == actor.id, IdempotentAnswer.key == _key(submission)
    )
    return await session.scalar(query) is not None


async def is_first(session: WriteSession, actor: Technician, submission: str) -> bool:
    """Note the form's id in this transaction; False where it was noted before, even a moment ago elsewhere."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    noted = await session.execute(
        insert(IdempotentAnswer)
        .values(
            technician_id=actor.id,
            key=_key(submission),
            request_sha256=hashlib.sha256(submission.encode()).hexdigest(),
            status=SEE_OTHER,
            created_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.id)
    )
    return noted.scalar() is not None


def _key(submission: str) -> str:
    return f"form:{submission}"
