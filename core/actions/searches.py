"""What was looked for in a chat is kept for a while, so that old results can still be paged."""

from datetime import timedelta

from sqlalchemy import delete

from core.clock import now
from core.db import ReadSession, WriteSession
from core.models import Person, Search

TEXT_LONGEST = 200
LIVES = timedelta(days=30)


async def keep(session: WriteSession, person: Person, text: str) -> Search:
    search = Search(person_id=person.id, text=text[:TEXT_LONGEST], at=now())
    session.add(search)
    await session.flush()
    return search


async def kept(session: ReadSession, person: Person, search_id: int) -> Search | None:
    """The person's own search; None where it was forgotten."""
    search = await session.get(Search, search_id)
    return search if search is not None and search.person_id == person.id else None


async def forget_old(session: WriteSession) -> None:
    await session.execute(delete(Search).where(Search.at < now() - LIVES))
