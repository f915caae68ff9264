"""What did not reach its reader, and updates that could not be worked off: for the desk."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from core.db import ReadSession
from core.messaging.outbox import REPEATABLE
from core.models import (
    TROUBLED_DELIVERIES,
    Article,
    Channel,
    Company,
    DeliveryAttempt,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Person,
    Report,
    Ticket,
)
from core.models.people import full_name
from core.queries.written import at_most

PAGE = 50
COUNT_LIMIT = 99


@dataclass(frozen=True, slots=True)
class Subject:
    """What a delivery is about, as far as it is about a ticket."""

    ticket_number: int | None = None
    ruc: str = ""
    company: str = ""
    article: int | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery with whom it is for, its tries oldest first, and the mail that brings its words instead."""

    row: OutboxRow
    recipient: str
    about: Subject
    tries: Sequence[DeliveryAttempt]
    mail: OutboxRow | None


@dataclass(frozen=True, slots=True)
class LostUpdate:
    """An update that was given up, without the words of the customer."""

    bot_id: int
    update_id: int
    lane: str
    received_at: datetime
    attempts: int
    error: str | None
    is_kept: bool
    sender: str = ""

    @property
    def key(self) -> str:
        return f"{self.bot_id}-{self.update_id}"


async def needing_a_person(session: ReadSession) -> int:
    """How many deliveries failed, are in doubt or held, and updates were given up; counts to COUNT_LIMIT + 1."""
    return shown(await session.scalar(_needing_a_person()) or 0)


def shown(needing_a_person: int) -> int:
    """The sum as far as it is counted."""
    return min(needing_a_person, COUNT_LIMIT + 1)


@cache
def _needing_a_person() -> Select[int]:
    return select(needing_a_person_sum())


def needing_a_person_sum() -> ColumnElement[int]:
    """Part of what is asked for every page: both counts go to COUNT_LIMIT + 1."""
    stuck = (
        select(OutboxRow.id)
        .where(in_trouble(), OutboxRow.state != DeliveryState.PARKED, OutboxRow.method.not_in(REPEATABLE))
        .limit(at_most(COUNT_LIMIT + 1))
    )
    lost = select(InboxRow.update_id).where(is_lost()).limit(at_most(COUNT_LIMIT + 1))
    counts = [select(func.count()).select_from(query.subquery()).scalar_subquery() for query in (stuck, lost)]
    return counts[0] + counts[1]


async def page(
    session: ReadSession,
    states: Collection[DeliveryState],
    *,
    tried: bool = False,
    below: int | None = None,
    size: int = PAGE,
) -> tuple[Sequence[DeliveryLine], int | None]:
    """Deliveries in these states, newest first, and the id the next page begins below.

    ``tried``: only those that had their turn.
    """
    query = select(OutboxRow).where(OutboxRow.state.in_(states), OutboxRow.method.not_in(REPEATABLE))
    if set(states) <= set(TROUBLED_DELIVERIES):
        query = query.where(in_trouble())
    if tried:
        query = query.where(OutboxRow.attempts > 0)
    if below is not None:
        query = query.where(OutboxRow.id < below)
    found = (await session.scalars(query.order_by(OutboxRow.id.desc()).limit(size + 1))).all()
    return await lines(session, found[:size]), found[size - 1].id if len(found) > size else None


async def lines(session: ReadSession, rows: Sequence[OutboxRow]) -> Sequence[DeliveryLine]:
    """The rows with all that is shown of them."""
    names = await recipients(session, rows)
    subjects = await _subjects(session, rows)
    tries = await _tries(session, rows)
    carriers = {row.carried_by_id for row in rows if row.carried_by_id}
    mails = {
        mail.id: mail
        for mail in await session.scalars(
            select(OutboxRow).where(OutboxRow.id.in_(carriers), OutboxRow.channel == Channel.EMAIL)
        )
    }
    return [
        DeliveryLine(
            row,
            names[row.id],
            subjects.get(row.id, Subject()),
            tries.get(row.id, ()),
            mails.get(row.carried_by_id or 0),
        )
        for row in rows
    ]


async def lost_updates(
    session: ReadSession, *, before: tuple[datetime, int] | None = None, size: int = PAGE
) -> tuple[Sequence[LostUpdate], bool]:
    """Updates that were given up, newest first, and whether there are more."""
    query = select(
        InboxRow.bot_id,
        InboxRow.update_id,
        InboxRow.lane,
        InboxRow.received_at,
        InboxRow.attempts,
        InboxRow.error,
        InboxRow.raw.is_not(None),
    ).where(is_lost())
    if before is not None:
        query = query.where(tuple_(InboxRow.received_at, InboxRow.update_id) < before)
    query = query.order_by(InboxRow.received_at.desc(), InboxRow.update_id.desc()).limit(size + 1)
    found = (await session.execute(query)).all()
    names = await names_of(session, {row.lane for row in found})
    return [LostUpdate(*row, sender=names.get(row.lane, "")) for row in found[:size]], len(found) > size


async def recipients(session: ReadSession, rows: Sequence[OutboxRow]) -> Mapping[int, str]:
    """Whom each row is for: a person's name, or the mailbox."""
    read = await names_of(session, {row.lane for row in rows if row.channel is Channel.TELEGRAM})
    return {
        row.id: read.get(row.lane, row.lane) if row.channel is Channel.TELEGRAM else mailbox(row.payload.get("to"))
        for row in rows
    }


def in_trouble() -> ColumnElement[bool]:
    """Written out, not as parameters: only then does SQLite see that its partial index fits."""
    return OutboxRow.state.in_(bindparam("troubled", TROUBLED_DELIVERIES, expanding=True, literal_execute=True))


def is_lost() -> ColumnElement[bool]:
    return InboxRow.state == bindparam("lost", InboxState.DEAD, literal_execute=True)


async def names_of(session: ReadSession, lanes: Collection[str]) -> Mapping[str, str]:
    """Who reads in these chats."""
    chats = {int(lane) for lane in lanes if lane.lstrip("-").isdigit()}
    if not chats:
        return {}
    columns = (Person.first_name, Person.last_name, Person.username, Person.telegram_id)
    people = await session.execute(select(*columns).where(Person.telegram_id.in_(chats)))
    return {str(person.telegram_id): full_name(*person) for person in people}


def mailbox(to: object) -> str:
    """What a letter is addressed to, as it is shown."""
    return ", ".join(map(str, to)) if isinstance(to, list) else str(to or "")


async def _subjects(session: ReadSession, rows: Sequence[OutboxRow]) -> Mapping[int, Subject]:
    found = await session.execute(
        select(OutboxRow.id, Ticket.number, Company.ruc, Company.name, Article.position, Report.file_name)
        .join(Ticket, Ticket.id == OutboxRow.ticket_id)
        .join(Company, Company.id == Ticket.company_id)
        .outerjoin(Article, Article.id == OutboxRow.article_id)
        .outerjoin(Report, Report.id == OutboxRow.report_id)
        .where(OutboxRow.id.in_([row.id for row in rows]))
    )
    return {
        row_id: Subject(number, ruc, company, article, report)
        for row_id, number, ruc, company, article, report in found
    }


async def _tries(session: ReadSession, rows: Sequence[OutboxRow]) -> Mapping[int, Sequence[DeliveryAttempt]]:
    found = await session.scalars(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.outbox_id.in_([row.id for row in rows]))
        .order_by(DeliveryAttempt.id)
    )
    tries: dict[int, list[DeliveryAttempt]] = defaultdict(list)
    for attempt in found:
        tries[attempt.outbox_id].append(attempt)
    return tries
