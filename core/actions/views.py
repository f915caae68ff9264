"""Keeping views of the queue: everybody's own, so nobody else is asked."""

from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import SavedView, Technician
from core.queries import views

NAME_LONGEST = 40
QUERY_LONGEST = 500
VIEWS_LIMIT = 12  # each is counted whenever the queue is shown


async def keep(session: WriteSession, actor: Technician, *, name: str, query: str) -> SavedView:
    """A new view. Raises InvalidError, ConflictError."""
    if len(await views.of(session, actor)) >= VIEWS_LIMIT:
        raise ConflictError(N_("You have %(n)s views already: delete one first."), n=VIEWS_LIMIT)
    if len(query) > QUERY_LONGEST:
        raise InvalidError(N_("The filters are too long to be kept."), field="name")
    view = SavedView(technician_id=actor.id, name=await _free(session, actor, name), query=query, created_at=now())
    session.add(view)
    await session.flush()
    return view


async def rename(session: WriteSession, actor: Technician, view_id: int, *, name: str) -> SavedView:
    """Raises NotFoundError, InvalidError."""
    view = await _own(session, actor, view_id)
    view.name = await _free(session, actor, name, besides=view)
    return view


async def remove(session: WriteSession, actor: Technician, view_id: int) -> None:
    """Raises NotFoundError."""
    await session.delete(await _own(session, actor, view_id))


async def _own(session: WriteSession, actor: Technician, view_id: int) -> SavedView:
    view = await session.get(SavedView, view_id)
    if view is None or view.technician_id != actor.id:
        raise NotFoundError
    return view


async def _free(session: WriteSession, actor: Technician, name: str, *, besides: SavedView | None = None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LONGEST:
        raise InvalidError(N_("Write a name of at most %(n)s characters."), field="name", n=NAME_LONGEST)
    others = (view for view in await views.of(session, actor) if view is not besides)
    if any(view.name.casefold() == name.casefold() for view in others):
        raise InvalidError(N_("You have a view of this name already."), field="name")
    return name
