"""Who writes to the bot: known, reachable, bound to which company."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from core.clock import now
from core.db import ReadSession, WriteSession
from core.models import Binding, Company, Person


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


async def greet(session: WriteSession, user: TelegramUser) -> Person:
    """The person behind an update, made or brought up to date."""
    person = await session.scalar(by_telegram_id(user.id))
    if person is None:
        person = Person(telegram_id=user.id, created_at=now())
        session.add(person)
    person.first_name, person.last_name, person.username = user.first_name[:128], user.last_name[:128], user.username
    await session.flush()
    return person


async def block(session: WriteSession, telegram_id: int) -> None:
    """The person has stopped the bot: nothing can be said until they come back."""
    person = await session.scalar(by_telegram_id(telegram_id))
    if person is not None:
        person.blocked_at = now()


async def bindings(session: ReadSession, person: Person) -> Sequence[Binding]:
    """The person's bindings in force, oldest first, with their companies."""
    query = (
        select(Binding)
        .where(Binding.person_id == person.id, Binding.ended_at.is_(None))
        .options(joinedload(Binding.company).selectinload(Company.phones))
        .order_by(Binding.id)
    )
    return (await session.scalars(query)).all()


async def active_binding(session: ReadSession, person: Person) -> Binding | None:
    """The binding the person acts with now."""
    in_force = await bindings(session, person)
    for binding in in_force:
        if binding.company_id == person.active_company_id:
            return binding
    return in_force[-1] if in_force else None
