"""Who is in charge of a company belongs to it, whatever is done in the same moment."""

import asyncio

import pytest
from sqlalchemy import select

from core.actions import bindings
from core.errors import NotFoundError
from core.models import Binding, Company, Person, Technician
from core.rules.permissions import Role
from tests import databases

# SQLite has one writer at a time
pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


@pytest.fixture
async def bruno(desk) -> Person:
    """A colleague of Ada's, who is in charge."""
    await desk.employ("vera", Role.SUPERVISOR)
    company = await desk.registers()
    ada, bruno = await desk.greets(company, "Ada", 501), await desk.greets(company, "Bruno", 502)
    async with desk.database.write() as session:
        (await session.get_one(Company, company.id)).contact_person_id = ada.id
    return bruno


async def appoint(session, person: Person, *, office) -> None:
    vera = (await session.scalars(select(Technician))).one()
    company = (await session.scalars(select(Company))).one()
    binding_id = await session.scalar(select(Binding.id).where(Binding.person_id == person.id))
    binding = await bindings.of_company(session, company, binding_id, lock=True)
    await bindings.put_in_charge(session, vera, binding, office=office)


async def leaves(session, person: Person) -> None:
    """Everything is read before it is done, as on the phone."""
    binding = (await session.scalars(select(Binding).where(Binding.person_id == person.id))).one()
    await session.get_one(Company, binding.company_id)
    await bindings.log_out(session, await session.get_one(Person, person.id), binding)


async def in_charge(desk) -> int | None:
    (company,) = await desk.all_of(Company)
    return company.contact_person_id


async def test_nobody_is_who_leaves_after_being_appointed(desk, bruno):
    async def leave() -> None:
        async with desk.database.write() as session:
            await leaves(session, bruno)

    async with desk.database.write() as session:
        await appoint(session, bruno, office=desk.office)
        leaving = asyncio.ensure_future(leave())
        await databases.ends_or_waits(desk.database, leaving)
    await leaving
    assert await in_charge(desk) is None


async def test_nobody_is_appointed_who_has_just_left(desk, bruno):
    async def put() -> None:
        async with desk.database.write() as session:
            await appoint(session, bruno, office=desk.office)

    before = await in_charge(desk)
    async with desk.database.write() as session:
        await leaves(session, bruno)
        putting = asyncio.ensure_future(put())
        await databases.ends_or_waits(desk.database, putting)
    with pytest.raises(NotFoundError):
        await putting
    assert await in_charge(desk) == before
