"""Tickets that change together are written together: one visit to the database instead of one for each.

The ORM writes each row with a version by itself, for it wants to know of each whether it was found. SQLite says how
many rows were found in all, which tells as much; asyncpg says nothing, so on PostgreSQL the ORM goes on as it does.
"""

from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Update, bindparam, event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from core.db import table_of
from core.models.tickets import Ticket
from core.models.turns import take_turn

_COLUMNS = frozenset(table_of(Ticket).columns.keys())


@event.listens_for(Session, "before_flush")
def write_together(session: Session, *_: object) -> None:
    """Raises StaleDataError where somebody else has changed one of them meanwhile."""
    if session.get_bind().dialect.name != "sqlite":
        return
    alike: dict[frozenset[str], list[Ticket]] = defaultdict(list)
    for changed in session.dirty:
        if isinstance(changed, Ticket):
            alike[_changes(changed)].append(changed)
    for names, tickets in alike.items():
        if names and len(tickets) > 1:
            _write(session, names, tickets)


def _changes(ticket: Ticket) -> frozenset[str]:
    """The columns with another value than in the database; none where the ORM is needed to say what they become."""
    take_turn(ticket)
    state = inspect(ticket)
    names = frozenset(name for name in state.committed_state if state.attrs[name].history.has_changes())
    is_plain = names <= _COLUMNS and not any(isinstance(getattr(ticket, name), ClauseElement) for name in names)
    return names if is_plain else frozenset()


def _write(session: Session, names: frozenset[str], tickets: list[Ticket]) -> None:
    rows = [_row(ticket, names) for ticket in tickets]
    found = session.connection().execute(_update(), rows).rowcount
    if found != len(rows):
        raise StaleDataError(f"of {len(rows)} tickets {found} were as they had been read")
    for ticket, row in zip(tickets, rows, strict=True):
        for name in (*names, "version"):
            set_committed_value(ticket, name, row[name])


def _row(ticket: Ticket, names: frozenset[str]) -> dict[str, Any]:
    changed = {name: getattr(ticket, name) for name in names}
    return changed | {"version": ticket.version + 1, "its_id": ticket.id, "its_version": ticket.version}


@cache
def _update() -> Update:
    """What is set follows from the names of the values."""
    table = table_of(Ticket)
    return table.update().where(table.c.id == bindparam("its_id"), table.c.version == bindparam("its_version"))
