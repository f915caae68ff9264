"""The chats a notice about a ticket goes to: in which language, how loud, how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased, joinedload

from core.clock import now
from core.db import ReadSession
from core.i18n import Translator
from core.models import IN_FORCE, Binding, MutedTicket, Person, Ticket
from core.render.office import Office
from core.rules.notices import About, Detail, Follower, Loudness, Notice, loudness


@dataclass(frozen=True)
class Reader:
    """A person to be told. ``company`` is empty where the phone acts for one company only."""

    person: Person
    t: Translator
    rings: bool
    is_muted: bool
    company: str = ""

    @property
    def chat_id(self) -> int:
        return self.person.telegram_id

    @property
    def sees_number_only(self) -> bool:
        return self.person.detail is Detail.NUMBER


async def readers(
    session: ReadSession, ticket: Ticket, notice: Notice, *, author: Person | None, office: Office
) -> list[Reader]:
    """Who is told of it, by the grid; the oldest binding first."""
    rows = await _bound(session, ticket)
    opener = next((row[0].person for row in rows if row[0].person_id == ticket.opened_by_id), None)
    about = About(
        opener_id=ticket.opened_by_id,
        opened_in_chat=opener.telegram_id if opener else None,
        author_id=author.id if author else None,
    )
    told = [_reader(binding, notice, about, muted, companies, office) for binding, muted, companies in rows]
    return [reader for reader in told if reader is not None]


async def _bound(session: ReadSession, ticket: Ticket) -> Sequence[Row[Binding, bool, int]]:
    """The company's bindings in force, each with: is the ticket muted, for how many companies the person acts."""
    other = aliased(Binding)
    companies = (
        select(func.count(other.id))
        .where(other.person_id == Binding.person_id, other.ended_at.is_(None), other.frozen_at.is_(None))
        .scalar_subquery()
    )
    muted = (
        select(MutedTicket.ticket_id)
        .where(MutedTicket.person_id == Binding.person_id, MutedTicket.ticket_id == ticket.id)
        .exists()
    )
    query = (
        select(Binding, muted, companies)
        .where(Binding.company_id == ticket.company_id, IN_FORCE)
        .options(joinedload(Binding.person), joinedload(Binding.company))
        .order_by(Binding.id)
    )
    return (await session.execute(query)).all()


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
    return Reader(person, t, rings=cell is Loudness.RINGS, is_muted=muted, company=label)
