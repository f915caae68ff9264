"""Who writes to the bot: known, reachable, bound to which company."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from core.clock import now
from core.db import ReadSession, WriteSession
from core.models import IN_FORCE, Binding, Person

SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class TelegramUser:
    """What an update says about its sender."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    language: str | None = None


def by_telegram_id(telegram_id: int) -> Select[Person]:
    return select(Person).where(Person.telegram_id == telegram_id)


async def greet(session: WriteSession, users: Collection[TelegramUser]) -> dict[int, Person]:
    """The people behind updates, made or brought up to date: Telegram's id → person."""
    found = await session.scalars(_BY_TELEGRAM_IDS, {"ids": list({user.id for user in users})})
    known = {person.telegram_id: person for person in found}
    for user in users:
        person = known.get(user.id)
        if person is None:
            known[user.id] = person = Person(telegram_id=user.id, created_at=now())
            session.add(person)
        person.first_name, person.last_name = user.first_name[:128], user.last_name[:128]
        person.username = user.username
        if user.language:
            person.telegram_language = user.language.partition("-")[0][:8]
    await session.flush()
    return known


_BY_TELEGRAM_IDS = select(Person).where(Person.telegram_id.in_(bindparam("ids", expanding=True)))


async def block(session: WriteSession, telegram_id: int) -> None:
    """The person has stopped the bot: nothing can be said until they come back."""
    person = await session.scalar(by_telegram_id(telegram_id))
    if person is not None:
        person.blocked_at = now()


async def bindings(session: ReadSession, people: Collection[Person]) -> Sequence[Binding]:
    """The people's bindings in force, oldest first, with their companies."""
    return (await session.scalars(_IN_FORCE_OF, {"person_ids": [person.id for person in people]})).all()


_IN_FORCE_OF = (
    select(Binding)
    .where(Binding.person_id.in_(bindparam("person_ids", expanding=True)), IN_FORCE)
    .options(joinedload(Binding.company))
    .order_by(Binding.id)
)


async def frozen(session: ReadSession, person: Person) -> Sequence[Binding]:
    """What binds the person but is stopped until the desk has decided."""
    query = (
        select(Binding)
        .where(Binding.person_id == person.id, Binding.ended_at.is_(None), Binding.frozen_at.is_not(None))
        .options(joinedload(Binding.company))
        .order_by(Binding.id)
    )
    return (await session.scalars(query)).all()


def note_seen(binding: Binding) -> None:
    """The person acts with this binding; exact to the hour, so that not every message is a write."""
    moment = now()
    if binding.seen_at is None or moment - binding.seen_at >= SEEN_EVERY:
        binding.seen_at = moment


async def active_binding(session: ReadSession, person: Person) -> Binding | None:
    """The binding the person acts with now."""
    return the_active(person, await bindings(session, [person]))


def the_active(person: Person, own: Sequence[Binding]) -> Binding | None:
    """Among the person's bindings in force, oldest first, the one they act with now."""
    chosen = [binding for binding in own if binding.company_id == person.active_company_id]
    return next(reversed(chosen or own), None)
