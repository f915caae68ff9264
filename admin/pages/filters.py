"""The filters of queue and search: everything that selects tickets stands in the address."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams

from admin.forms import whole
from core.i18n import N_
from core.queries import policy, staff
from core.queries.together import Answers
from core.queries.wanted import Cursor, Order, Owner, Shelf, Wanted
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

ORDER_WORDS: Mapping[Order, str] = {
    Order.URGENT: N_("Most urgent first"),
    Order.LATEST: N_("Latest first"),
    Order.OLDEST: N_("Oldest first"),
}

KEPT = ("state", "owner", "service", "product", "company", "waiting", "responsible", "q", "order")


def shown(query: QueryParams) -> dict[str, Any]:
    """What the templates need for tabs, filters and pages."""
    return {
        "shelves": SHELF_WORDS,
        "owners": OWNER_WORDS,
        "orders": ORDER_WORDS,
        "asked": asked_text(query),
        "address": lambda **changes: _address(query, changes),
        "cleared": _address(query, {name: "" for name in KEPT if name != "q"}),
    }


CHOICES = (staff.ENABLED, policy.PRODUCTS)


def choices(answers: Answers) -> dict[str, Any]:
    """What the filters offer besides the words of the rules, of what ``CHOICES`` ask."""
    people = answers[staff.ENABLED]
    return {
        "developers": staff.developers_among(people),
        "technicians": staff.who_answers_among(people),
        "products": list(dict.fromkeys(product.label for product in answers[policy.PRODUCTS])),
    }


def asked_text(query: QueryParams) -> str:
    """What is searched for, as it was typed."""
    return query.get("q", "").replace("\x00", "").strip()[:200]


def read(query: QueryParams) -> Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""
    return Wanted(
        shelf=_choice(Shelf, query.get("state")) or (Shelf.ALL if asked_text(query) else Shelf.ACTIVE),
        owner=_choice(Owner, query.get("owner")) or Owner.ALL,
        assignee_id=whole(query.get("owner", "")),
        service=_choice(Service, query.get("service")),
        product=query.get("product", "").replace("\x00", "")[:100],
        company=query.get("company", "").replace("\x00", "").strip()[:100],
        waiting=_choice(WaitingFor, query.get("waiting")),
        responsible_id=whole(query.get("responsible", "")),
        order=_choice(Order, query.get("order")) or Order.URGENT,
        after=Cursor.parse(query.get("after", "")),
        before=Cursor.parse(query.get("before", "")),
    )


def address(query: str) -> str:
    """The queue with these filters; what is none of them is left out."""
    parts = {name: value for name, value in parse_qsl(query) if name in KEPT}
    return f"/?{urlencode(parts)}" if parts else "/"


def _choice(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None


def _address(query: QueryParams, changes: Mapping[str, object]) -> str:
    """This queue with some parts changed; an empty part leaves the address, and so does the page."""
    parts = {name: query[name] for name in KEPT if query.get(name)}
    parts |= {name: str(value) for name, value in changes.items()}
    chosen = {name: value for name, value in parts.items() if value}
    return f"/?{urlencode(chosen)}" if chosen else "/"
