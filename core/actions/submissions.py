"""A form that is sent twice – a double click, a page loaded again – does its work once."""

import hashlib
import secrets
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.sql.dml import ReturningInsert

from core.clock import now
from core.db import ReadSession, WriteSession, insert_into, table_of
from core.errors import SentBeforeError
from core.models import IdempotentAnswer, Technician

SEE_OTHER = 303


def new_submission() -> str:
    """The id of a form that is shown: however often it is sent, it says the same."""
    return secrets.token_urlsafe(18)


async def was_sent(session: ReadSession, actor: Technician, submission: str) -> bool:
    """Whether the form with this id has done its work."""
    return await session.scalar(_noted(actor, submission)) is not None


async def is_first(session: WriteSession, actor: Technician, submission: str, *, words: str = "") -> bool:
    """Note the form's id in this transaction; False where it was noted before, even a moment ago elsewhere.

    Raises SentBeforeError where it was noted with other ``words``.
    """
    said = hashlib.sha256(f"{submission} {words}".encode()).hexdigest()
    noted = await session.execute(
        _note(session.dialect),
        {
            "technician_id": actor.id,
            "key": _key(submission),
            "request_sha256": said,
            "status": SEE_OTHER,
            "created_at": now(),
        },
    )
    if noted.scalar() is not None:
        return True
    if words and said != await session.scalar(_noted(actor, submission)):
        raise SentBeforeError
    return False


@cache
def _note(dialect: str) -> ReturningInsert[int]:
    """Done for every form, so it is put together once; of the table itself, for nothing is loaded."""
    table = table_of(IdempotentAnswer)
    return insert_into(dialect, table).on_conflict_do_nothing().returning(table.c.id)


def _noted(actor: Technician, submission: str) -> Select[str]:
    """The digest of what was sent with this id."""
    return select(IdempotentAnswer.request_sha256).where(
        IdempotentAnswer.technician_id == actor.id, IdempotentAnswer.key == _key(submission)
    )


def _key(submission: str) -> str:
    return f"form:{submission}"
