"""The audit as it is read: newest first, by keyset, with whom and what an entry concerns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.models import AuditEntry, Company, Technician, Ticket
from core.rules.audit import Subject, objects_named, subject_of
from core.rules.words import fold

PAGE = 50
WORDS_LIMIT = 8


class Who(StrEnum):
    """Who acts without being a technician."""

    CUSTOMERS = "customers"
    COMMAND_LINE = "command-line"


_ACTING: Mapping[Who, Sequence[ColumnElement[bool]]] = {
    Who.CUSTOMERS: (AuditEntry.person_id.is_not(None),),
    Who.COMMAND_LINE: (AuditEntry.person_id.is_(None), AuditEntry.technician_id.is_(None)),
}


_CONDITIONS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "below": lambda entry_id: AuditEntry.id < entry_id,
    "action": lambda action: AuditEntry.action == action,
    "on": lambda name: AuditEntry.object.in_(objects_named(name)),
    "since": lambda moment: AuditEntry.at >= moment,
    "until": lambda moment: AuditEntry.at < moment,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; ``who`` is a technician's id or a kind, ``until`` is the first moment that is not meant."""

    who: int | Who | None = None
    action: str = ""
    on: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry with what it leads to, as far as it is still there."""

    entry: AuditEntry
    subject: Subject | None
    name: str
    ticket: int | None
    company: Company | None
    technician: Technician | None


async def page(session: ReadSession, wanted: Wanted, *, size: int = PAGE) -> tuple[Sequence[AuditLine], int | None]:
    """At most ``size`` entries, newest first, and the id the next page begins below."""
    query = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc()).limit(size + 1)
    query = query.options(joinedload(AuditEntry.technician), joinedload(AuditEntry.person))
    entries = (await session.scalars(query)).all()
    return await _lines(session, entries[:size]), entries[size - 1].id if len(entries) > size else None


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value:
            yield condition(value)
    if isinstance(wanted.who, Who):
        yield from _ACTING[wanted.who]
    elif wanted.who is not None:
        yield AuditEntry.technician_id == wanted.who
    for word in fold(wanted.words).split()[:WORDS_LIMIT]:
        yield AuditEntry.words.contains(word, autoescape=True)


async def _lines(session: ReadSession, entries: Sequence[AuditEntry]) -> list[AuditLine]:
    """A question for each kind of thing, not for each entry."""
    subjects = [(entry, *subject_of(entry.object)) for entry in entries]
    rucs = {name for _, subject, name in subjects if subject is Subject.COMPANY}
    users = {name for _, subject, name in subjects if subject is Subject.TECHNICIAN}
    company_ids, ticket_ids = _numbers(entries, "company"), _numbers(entries, "ticket_id")
    query = select(Company).where(or_(Company.ruc.in_(rucs), Company.id.in_(company_ids)))
    companies = (await session.scalars(query)).all()
    by_ruc, by_id = {one.ruc: one for one in companies}, {one.id: one for one in companies}
    found = await session.scalars(select(Technician).where(Technician.username.in_(users)))
    by_user = {one.username: one for one in found}
    tickets = await session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ticket_ids)))
    numbers = dict(tickets.all())
    return [
        AuditLine(
            entry,
            subject,
            name,
            int(name) if subject is Subject.TICKET else numbers.get(_number(entry, "ticket_id")),
            by_ruc.get(name) if subject is Subject.COMPANY else by_id.get(_number(entry, "company")),
            by_user.get(name) if subject is Subject.TECHNICIAN else None,
        )
        for entry, subject, name in subjects
    ]


def _number(entry: AuditEntry, key: str) -> int:
    """An id among the data of an entry, -1 (no row's) where there is none."""
    value = entry.data.get(key)
    return value if isinstance(value, int) else -1


def _numbers(entries: Sequence[AuditEntry], key: str) -> set[int]:
    return {_number(entry, key) for entry in entries} - {-1}
