"""The filters of queue and search: everything that selects tickets stands in the address."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from core.i18n import N_
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

_KEPT = ("state", "owner", "service", "waiting", "responsible", "q", "order")


def shown(query: QueryParams) -> dict[str, Any]:
    """What the templates need for tabs, filters and pages."""
    return {
        "shelves": SHELF_WORDS,
        "owners": OWNER_WORDS,
        "asked": asked_text(query),
        "address": lambda **changes: _address(query, changes),
    }


def asked_text(query: QueryParams) -> str:
    """What is searched for, as it was typed."""
    return query.get("q", "").replace("\x00", "").strip()[:200]


def read(query: QueryParams) -> Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""
    responsible = query.get("responsible", "")[:9]
    return Wanted(
        shelf=_choice(Shelf, query.get("state")) or (Shelf.ALL if asked_text(query) else Shelf.ACTIVE),
        owner=_choice(Owner, query.get("owner")) or Owner.ALL,
        service=_choice(Service, query.get("service")),
        waiting=_choice(WaitingFor, query.get("waiting")),
        responsible_id=int(responsible) if responsible.isascii() and responsible.isdigit() else None,
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
