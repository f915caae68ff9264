"""A form that is sent twice – a double click, a page loaded again – does its work once."""

import hashlib
import secrets
from functools import cache

from sqlalchemy import select
from sqlalchemy.sql.dml import ReturningInsert

from core.clock import now
from core.db import ReadSession, WriteSession, insert_into, table_of
from core.models import IdempotentAnswer, Technician

SEE_OTHER = 303


def new_submission() -> str:
    """The id of a form that is shown: however often it is sent, it says the same."""
    return secrets.token_urlsafe(18)


async def was_sent(session: ReadSession, actor: Technician, submission: str) -> bool:
    """Whether the form with this id has done its work."""
    query = select(IdempotentAnswer.id).where(
        IdempotentAnswer.technician_id == actor.id, IdempotentAnswer.key == _key(submission)
    )
    return await session.scalar(query) is not None


async def is_first(session: WriteSession, actor: Technician, submission: str) -> bool:
    """Note the form's id in this transaction; False where it was noted before, even a moment ago elsewhere."""
    noted = await session.execute(
        _note(session.dialect),
        {
            "technician_id": actor.id,
            "key": _key(submission),
            "request_sha256": hashlib.sha256(submission.encode()).hexdigest(),
            "status": SEE_OTHER,
            "created_at": now(),
        },
    )
    return noted.scalar() is not None


@cache
def _note(dialect: str) -> ReturningInsert[int]:
    """Done for every form, so it is put together once; of the table itself, for nothing is loaded."""
    table = table_of(IdempotentAnswer)
    return insert_into(dialect, table).on_conflict_do_nothing().returning(table.c.id)


def _key(submission: str) -> str:
    return f"form:{submission}"
