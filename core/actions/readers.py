"""The chats a notice about a ticket goes to: in which language, how loud, how much of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload

from core.clock import now
from core.db import ReadSession
from core.i18n import Translator
from core.messaging import parting
from core.models import IN_FORCE, Binding, MutedTicket, Person, Ticket
from core.render.office import Office
from core.rules.identity import Sight, may_see
from core.rules.notices import About, Detail, Follower, Loudness, Notice, loudness


@dataclass(frozen=True)
class Reader:
    """A person to be told. ``company`` is empty where the phone acts for one company only.

    ``is_guest``: only identified, so that it sees no report and no balance.
    """

    person: Person
    t: Translator
    rings: bool
    is_muted: bool
    company: str = ""
    is_guest: bool = False

    @property
    def chat_id(self) -> int:
        return self.person.telegram_id

    @property
    def sees_number_only(self) -> bool:
        return self.person.detail is Detail.NUMBER


Bound = tuple[Binding, bool, int]


async def readers(
    session: ReadSession,
    ticket: Ticket,
    notice: Notice,
    *,
    author: Person | None,
    office: Office,
    known: Sequence[Bound] | None = None,
) -> list[Reader]:
    """Who is told of it, by the grid; the oldest binding first.

    ``known``: what ``bound`` has read in this transaction; a binding may have ended meanwhile.
    """
    read = (await bound(session, {ticket.id})).get(ticket.id, ()) if known is None else known
    rows = [row for row in read if row[0].ended_at is None and row[0].frozen_at is None]
    opener_id = _reminded(ticket, rows) if notice is Notice.REQUEST_REMINDER else ticket.opened_by_id
    opener = next((row[0].person for row in rows if row[0].person_id == opener_id), None)
    about = About(
        opener_id=opener_id,
        opened_in_chat=opener.telegram_id if opener else None,
        author_id=author.id if author else None,
        also_opened_by=ticket.also_opened_by or (),
    )
    told = [_reader(binding, notice, about, muted, companies, office) for binding, muted, companies in rows]
    return [reader for reader in told if reader is not None]


def _reminded(ticket: Ticket, rows: Sequence[Bound]) -> int | None:
    """Who opened the ticket; the contact person, where the desk did or whoever did has left."""
    if any(binding.person_id == ticket.opened_by_id for binding, _, _ in rows) or not rows:
        return ticket.opened_by_id
    return rows[0][0].company.contact_person_id


async def bound(session: ReadSession, ticket_ids: Collection[int]) -> dict[int, Sequence[Bound]]:
    """For each ticket the bindings of its company in force, with: is it muted, for how many companies they act."""
    await parting.stay_for(session, ticket_ids)
    found: dict[int, Sequence[Bound]] = {}
    for binding, is_muted, acts_for, ticket_id in await session.execute(_bound(), {"ticket_ids": list(ticket_ids)}):
        found[ticket_id] = [*found.get(ticket_id, ()), (binding, is_muted, acts_for)]
    return found


@cache
def _bound() -> Select[Binding, bool, int, int]:
    """Asked for every article, so it is put together once."""
    other = aliased(Binding)
    companies = (
        select(func.count(other.id))
        .where(other.person_id == Binding.person_id, other.ended_at.is_(None), other.frozen_at.is_(None))
        .scalar_subquery()
    )
    muted = (
        select(MutedTicket.ticket_id)
        .where(MutedTicket.person_id == Binding.person_id, MutedTicket.ticket_id == Ticket.id)
        .exists()
    )
    return (
        select(Binding, muted, companies, Ticket.id)
        .join(Ticket, Ticket.company_id == Binding.company_id)
        .where(Ticket.id.in_(bindparam("ticket_ids", expanding=True)), IN_FORCE)
        .options(joinedload(Binding.person), joinedload(Binding.company))
        .order_by(Binding.id)
    )


def _reader(
    binding: Binding, notice: Notice, about: About, muted: bool, companies: int, office: Office
) -> Reader | None:
    person, company = binding.person, binding.company
    t = office.translators.at(person.reads, company.timezone)
    hours = person.quiet_hours
    is_quiet = hours is not None and hours.holds(now().astimezone(t.timezone))
    follower = Follower(person.id, person.telegram_id, binding.level, binding.follows)
    cell = loudness(notice, about, follower=follower, wants_silence=muted or is_quiet)
    if cell is Loudness.NOT_TOLD:
        return None
    label = company.name if companies > 1 else ""
    is_guest = not may_see(binding.level, Sight.REPORTS)
    return Reader(person, t, rings=cell is Loudness.RINGS, is_muted=muted, company=label, is_guest=is_guest)
