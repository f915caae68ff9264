"""An answer to a conversation that has gone on meanwhile is looked at again before it is sent."""

from sqlalchemy import or_, select

from core.db import WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Article, Technician, Ticket


class GoneOnError(ConflictError):
    """Somebody else has written since the page was drawn."""

    message = N_("Something came in while you were writing. Nothing has been sent yet: read it and decide.")


async def refuse_unread(session: WriteSession, actor: Technician, ticket: Ticket, *, seen: int | None) -> None:
    """``seen``: the position of the last article on the page; None: the form does not say. Raises GoneOnError."""
    if seen is None or seen >= ticket.articles_count:
        return
    by_others = or_(Article.technician_id.is_(None), Article.technician_id != actor.id)
    query = select(Article.id).where(Article.ticket_id == ticket.id, Article.position > seen, by_others)
    if await session.scalar(query.limit(1)) is not None:
        raise GoneOnError
