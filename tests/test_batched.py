"""Several tickets that change in one transaction, as those of a batch of customers' words do."""

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm.exc import StaleDataError

from core.clock import now
from core.db import Database, WriteSession
from core.models import Company, Technician, Ticket
from core.rules.permissions import Role
from core.rules.services import Service
from core.rules.states import State

COUNT = 5


@pytest.fixture
async def desk(database: Database) -> Database:
    """Five tickets that wait for their customer."""
    async with database.write() as session:
        company = Company(ruc="0900000001001", name="Comercial", created_at=now())
        session.add_all([company, Technician(username="tom", name="Tom", role=Role.TECHNICIAN, created_at=now())])
        await session.flush()
        for number in range(1, COUNT + 1):
            ticket = Ticket(
                number=number,
                company_id=company.id,
                is_verified=True,
                service=Service.SUPPORT,
                product="SaciJava",
                subject="No imprime",
                state=State.OPEN,
                customer_spoke_last=False,
                **dict.fromkeys(("created_at", "reopened_at", "updated_at"), now()),
            )
            session.add(ticket)
    return database


async def all_of(session: WriteSession) -> list[Ticket]:
    return list(await session.scalars(select(Ticket).order_by(Ticket.number)))


def say_something(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        ticket.articles_count += ticket.number
        ticket.customer_spoke_last = True
        ticket.updated_at = now()


async def test_each_keeps_what_it_was_told(desk: Database):
    async with desk.write() as session:
        tickets = await all_of(session)
        say_something(tickets)
        tickets[0].subject = "Ya imprime"
        await session.flush()
        say_something(tickets)
        await session.flush()
        told = [(ticket.version, ticket.updated_at, ticket.turn_at) for ticket in tickets]
    async with desk.write() as session:
        found = await all_of(session)
        assert [ticket.articles_count for ticket in found] == [2 * ticket.number for ticket in found]
        assert [ticket.subject for ticket in found] == ["Ya imprime", *["No imprime"] * (COUNT - 1)]
        assert [ticket.version for ticket in found] == [3] * COUNT == [version for version, *_ in told]
        for ticket, (_, updated_at, turn_at) in zip(found, told, strict=True):
            assert ticket.updated_at == updated_at
            assert ticket.turn_at == turn_at == ticket.urgent_at, "it is the desk's turn since then"


async def test_one_that_somebody_else_has_changed_keeps_all_from_being_written(desk: Database):
    async with desk.write() as session:
        tickets = await all_of(session)
    with pytest.raises(StaleDataError):
        async with desk.write() as session:
            tickets = await all_of(session)
            await session.execute(
                update(Ticket)
                .where(Ticket.number == 3)
                .values(version=2)
                .execution_options(synchronize_session=False)
            )
            say_something(tickets)
    async with desk.read() as session:
        assert await session.scalar(select(func.sum(Ticket.articles_count))) == 0


async def test_what_the_database_or_a_relation_decides(desk: Database):
    async with desk.write() as session:
        tom = (await session.scalars(select(Technician))).one()
        for ticket in await all_of(session):
            ticket.assignee = tom
            ticket.articles_count = Ticket.number + 1
        tom_id = tom.id
    async with desk.write() as session:
        for ticket in await all_of(session):
            assert (ticket.assignee_id, ticket.articles_count) == (tom_id, ticket.number + 1)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_they_share_a_statement(desk: Database):
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    async with desk.write() as session:
        say_something(await all_of(session))
        event.listen(desk._writer.sync_engine, "before_cursor_execute", note)
    assert [statement.split()[:2] for statement in said if statement.startswith("UPDATE")] == [["UPDATE", "tickets"]]
