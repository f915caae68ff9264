"""How a person wants to be told: language, which tickets, when quietly, how much, which ticket without a ring."""

from sqlalchemy import delete, exists, select

from core.db import ReadSession, WriteSession
from core.models import Binding, MutedTicket, Person, Ticket
from core.rules.notices import Detail, Follows
from core.rules.quiet_hours import QuietHours


def speak(person: Person, language: str) -> None:
    """``language`` is one of core.i18n.LANGUAGES; it is preferred to what Telegram says from now on."""
    person.language = language


def follow(binding: Binding, follows: Follows) -> None:
    binding.follows = follows


def be_quiet(person: Person, hours: QuietHours | None) -> None:
    """None: pushes may ring at any time."""
    person.quiet_start, person.quiet_end = (hours.start, hours.end) if hours else (None, None)


def show(person: Person, detail: Detail) -> None:
    person.detail = detail


async def is_muted(session: ReadSession, person: Person, ticket: Ticket) -> bool:
    query = select(exists().where(MutedTicket.person_id == person.id, MutedTicket.ticket_id == ticket.id))
    return bool(await session.scalar(query))


async def mute(session: WriteSession, person: Person, ticket: Ticket) -> None:
    """The ticket's news arrive without a ring; muting twice is muting once."""
    if not await is_muted(session, person, ticket):
        session.add(MutedTicket(person_id=person.id, ticket_id=ticket.id))
        await session.flush()


async def unmute(session: WriteSession, person: Person, ticket: Ticket) -> None:
    await session.execute(
        delete(MutedTicket).where(MutedTicket.person_id == person.id, MutedTicket.ticket_id == ticket.id)
    )
