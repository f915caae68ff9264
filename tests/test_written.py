"""A statement that is written once is answered as SQLAlchemy would have it answered, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Select, bindparam, exists, func, select

from core.clock import now
from core.db import Database, Moment
from core.models import Company, PolicyValue, Technician
from core.queries.written import Written
from core.rules.permissions import Role


@pytest.fixture
async def staffed(database: Database) -> Database:
    async with database.write() as session:
        for nth, role in enumerate(Role):
            at = now() - timedelta(days=nth)
            session.add(Technician(username=role, name="Ñandú", role=role, password_hash="", created_at=at))
        session.add(PolicyValue(name="legal", value={"support": "yes"}))
    return database


def _older_than() -> Select[int, bool]:
    """With what a statement has: a list, a member, a moment, a name twice, a path into JSON."""
    older = Technician.created_at < bindparam("at", type_=Moment())
    return (
        select(func.count(Technician.id), exists().where(PolicyValue.value["support"].as_string() == "yes"))
        .where(
            Technician.role.in_([Role.AUDITOR, Role.TECHNICIAN, Role.ADMINISTRATOR]), Technician.role != Role.BILLING
        )
        .where(older, Technician.created_at != bindparam("at", type_=Moment()))
    )


async def test_it_is_answered_the_same_each_time_with_other_values(staffed: Database):
    query = _older_than()
    written = Written(query)
    async with staffed.read() as session:
        for days in (0, 1, 2, 9):
            wanted = {"at": now() - timedelta(days=days, hours=-1)}
            assert await written.one(session, wanted) == list((await session.execute(query, wanted)).one())


async def test_it_sees_what_was_added_in_the_same_transaction(database: Database):
    written = Written(select(func.count(Company.id)))
    async with database.write() as session:
        session.add(Company(ruc="0992345678001", name="Prueba", created_at=now()))
        assert await written.one(session, {}) == [1]


async def test_a_value_that_is_missing_is_told(staffed: Database):
    written = Written(_older_than())
    async with staffed.read() as session:
        await written.one(session, {"at": now()})
        with pytest.raises(KeyError):
            await written.one(session, {})
