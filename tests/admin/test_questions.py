"""A page asks the database a few questions, and no more of them where there is more to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.engine import Engine

from core.actions import tickets
from core.clock import now
from core.models import Technician
from core.queries import glance, queue, times
from core.queries.tickets import by_number
from core.queries.wanted import Shelf, Wanted
from tests.admin.filled import fill

QUEUE, TICKET, BUSY_TICKET, REPLY = 3, 3, 11, 13
ASKING = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


@contextmanager
def questions() -> Iterator[list[str]]:
    """What databases are asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip("( ").startswith(ASKING):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


async def of_page(browser, path: str) -> list[str]:
    with questions() as asked:
        await browser.opens(path)
    assert browser.status == 200
    return asked


async def test_the_queue_asks_the_same_for_two_tickets_and_for_a_full_page(desk, tom):
    for nth in range(60):
        company = await desk.registers(f"09{nth:08}001", f"Empresa {nth}")
        ada = await desk.greets(company, f"Ada {nth}", 600 + nth)
        await desk.receives(company, ada, at=now() - timedelta(minutes=nth))
        if nth == 1:
            few = await of_page(tom, "/")
    many = await of_page(tom, "/")
    assert set(many) < set(few), "where what waits fills the page, the rest is not looked for"
    assert len(few) <= QUEUE, "\n\n".join(few)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # which has no statistics to find its way by
@pytest.mark.parametrize("shelf", [Shelf.ACTIVE, Shelf.CLOSED, Shelf.ALL])
async def test_the_queue_is_walked_in_its_order_and_not_sorted(desk, tom, database, shelf: Shelf):
    company = await desk.registers()
    await desk.receives(company, await desk.greets(company))
    async with database.read() as session:
        actor = (await session.scalars(select(Technician).where(Technician.username == "tom"))).one()
        with questions() as lines:
            await queue.page(session, Wanted(shelf=shelf), actor=actor)
        connection = await session.connection()
        for line in lines:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {line}", (0,) * line.count("?"))
            assert not [step for *_, step in plan if step == "USE TEMP B-TREE FOR ORDER BY"], line


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_closed_tickets_of_a_company_cost_its_open_ones_nothing(database):
    async with database.read() as session:
        connection = await session.connection()
        written = (
            times.unaccounted_of()
            .params(company_id=1)
            .compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        )
        plan = str((await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")).all())
    assert "ix_tickets_under_way" in plan
    assert "ix_tickets_company_id_number" not in plan


async def test_a_ticket_asks_for_what_there_is_only(desk, tom):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    asked = await of_page(tom, f"/tickets/{ticket.number}")
    assert len(asked) <= TICKET, "\n\n".join(asked)


async def test_the_database_is_told_how_many_rows_are_wanted(desk, tom):
    """Where it is not, PostgreSQL plans a page of a large desk anew each time, longer than it takes to answer it."""
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    for path in ("/", f"/tickets/{ticket.number}"):
        asked = "\n".join(await of_page(tom, path))
        assert "LIMIT 51" in asked or "LIMIT 101" in asked
        assert "LIMIT $" not in asked
        assert "LIMIT ?" not in asked


async def test_a_ticket_is_the_same_on_its_page_as_everywhere(desk, tom):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/take")
    async with desk.database.read() as session:
        actor = (await session.scalars(select(Technician).where(Technician.username == "tom"))).one()
        shown, _ = await glance.of_ticket(session, ticket.number, actor, at=now())
        read = await by_number(session, ticket.number)
    assert read.responsible is None
    assert shown.responsible is None
    related = [(getattr(one, name) for one in (shown, read)) for name in ("company", "opened_by", "assignee")]
    for ours, theirs in [(shown, read), *related]:
        for column in inspect(type(theirs)).column_attrs:
            assert repr(getattr(ours, column.key)) == repr(getattr(theirs, column.key)), column.key


async def test_a_ticket_asks_the_same_for_one_answer_and_for_thirty(desk, tom):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))

    async def answer(times: int) -> list[str]:
        for nth in range(times):
            async with desk.database.write() as session:
                held = await by_number(session, ticket.number, lock=True)
                actor = (await session.scalars(select(Technician).where(Technician.username == "tom"))).one()
                await tickets.reply(session, actor, held, text=f"Respuesta {nth}", office=desk.office)
        return await of_page(tom, f"/tickets/{ticket.number}")

    assert await answer(1) == await answer(29)
    assert all(f"Respuesta {nth}" in tom.text for nth in range(29))


async def test_a_ticket_where_all_sorts_of_things_happened_asks_little_more(desk, log_in):
    filled = await fill(desk)
    browser = await log_in("tom")
    asked = await of_page(browser, f"/tickets/{filled.open_number}")
    assert len(asked) <= BUSY_TICKET, "\n\n".join(asked)


async def test_a_reply_is_saved_with_few_statements(desk, tom):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    await tom.opens(f"/tickets/{ticket.number}")
    with questions() as asked:
        await tom.sends("/reply", follow=False, text="Reinicie el servicio de impresión.")
    assert tom.status == 303
    assert len(asked) <= REPLY, "\n\n".join(asked)
