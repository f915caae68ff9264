"""Signs of life, noted in the transaction of whoever gives them."""

from datetime import datetime
from typing import Any

from core.clock import now
from core.db import WriteSession, insert_into
from core.models import Heartbeat


async def note(
    session: WriteSession, name: str, *, at: datetime | None = None, detail: dict[str, Any] | None = None
) -> None:
    """Something works, or failed, now (or ``at``); what was noted under this name before is overwritten.

    ``name`` is a ``Beat``. Whoever loops notes every ten seconds at most: an idle desk rests.
    """
    values = {"at": at or now(), "detail": detail or {}}
    statement = insert_into(session.dialect, Heartbeat).values(name=name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[Heartbeat.name], set_=values))
