"""The queue: everything that selects tickets stands in the address."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from admin.panel import Visit
from core.clock import now
from core.i18n import N_
from core.queries import following, persons, queue, staff
from core.queries.queue import Cursor, Owner, Shelf, Wanted
from core.rules.services import Service
from core.rules.states import WaitingFor

Choice = TypeVar("Choice", bound=StrEnum)

SHELF_WORDS: Mapping[Shelf, str] = {
    Shelf.ACTIVE: N_("Not closed"),
    Shelf.NEW: N_("New ones"),
    Shelf.OPEN: N_("Open ones"),
    Shelf.PENDING: N_("Pending ones"),
    Shelf.CLOSED: N_("Closed ones"),
    Shelf.ALL: N_("All"),
}

OWNER_WORDS: Mapping[Owner, str] = {
    Owner.ALL: N_("All"),
    Owner.MINE: N_("Mine"),
    Owner.NOBODY: N_("Nobody's"),
}

RATINGS_SHOWN = timedelta(days=7)

_KEPT = ("state", "owner", "service", "waiting", "responsible", "q", "order")


async def show(request: Request, visit: Visit) -> Response:
    wanted = _wanted(request.query_params)
    async with visit.database.read() as session:
        page = await queue.page(session, wanted, actor=visit.technician)
        counts = await queue.counts(session)
        developers = await staff.developers(session)
        undecided = await persons.undecided(session, at=now())
        forgotten = await queue.forgotten_passwords(session, at=now())
        unhappy = await following.low_ratings(session, since=now() - RATINGS_SHOWN, limit=5)
    return visit.page(
        "queue/page.html",
        page=page,
        wanted=wanted,
        counts=counts,
        count_limit=queue.COUNT_LIMIT,
        developers=developers,
        forgotten=forgotten,
        unhappy=unhappy,
        undecided=undecided,
        shelves=SHELF_WORDS,
        owners=OWNER_WORDS,
        address=lambda **changes: _address(request.query_params, changes),
    )


def _wanted(query: QueryParams) -> Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""
    responsible = query.get("responsible", "")[:9]
    return Wanted(
        shelf=_choice(Shelf, query.get("state")) or Shelf.ACTIVE,
        owner=_choice(Owner, query.get("owner")) or Owner.ALL,
        service=_choice(Service, query.get("service")),
        waiting=_choice(WaitingFor, query.get("waiting")),
        responsible_id=int(responsible) if responsible.isascii() and responsible.isdigit() else None,
        text=query.get("q", "").replace("\x00", "")[:200],
        oldest_first=query.get("order") == "oldest",
        after=Cursor.parse(query.get("after", "")),
    )


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None


def _address(query: QueryParams, changes: Mapping[str, object]) -> str:
    """This queue with some parts changed; an empty part leaves the address, and so does the page."""
    parts = {name: query[name] for name in _KEPT if query.get(name)}
    parts |= {name: str(value) for name, value in changes.items()}
    chosen = {name: value for name, value in parts.items() if value}
    return f"/?{urlencode(chosen)}" if chosen else "/"
