"""What the desk says to a customer who is just leaving the company: nothing of it waits for that chat afterwards."""

import asyncio
from contextlib import nullcontext

import pytest
from sqlalchemy import select

from core.actions import bindings, tickets
from core.models import OPEN_DELIVERIES, OutboxRow, Technician
from core.queries.tickets import by_number
from core.rules.permissions import Role
from core.rules.requests import Asks
from tests import databases

WORDS = {"closure": "warranty", "cause": "Apagada", "solution": "Encendida", "minutes": "5"}


@pytest.fixture
async def ticket(desk, company):
    return await desk.receives(company, await desk.greets(company))


async def revokes(session, desk, binding):
    boss = await session.scalar(select(Technician).where(Technician.username == "boss"))
    await bindings.revoke(session, boss, binding, reason="Se fue", office=desk.office)


async def logs_out(session, desk, binding):
    await bindings.log_out(session, binding.person, binding)


async def waiting(desk) -> list[str]:
    """What is on its way to a chat about a ticket."""
    rows = await desk.all_of(OutboxRow)
    return [row.payload.get("text", row.method) for row in rows if row.ticket_id and row.state in OPEN_DELIVERIES]


@pytest.fixture(params=[revokes, logs_out])
async def leave(request, desk, database, company):
    """Ada's chat is taken off the company, in a transaction of its own or in one of the test's."""
    await desk.employ("boss", Role.ADMINISTRATOR)

    async def do(session=None) -> None:
        async with nullcontext(session) if session else database.write() as writing:
            await request.param(writing, desk, await bindings.leaving(writing, company, 1))

    return do


async def begin(database, doing) -> asyncio.Task:
    """Set about it while a transaction of ours is open: as far as it comes."""
    task = asyncio.create_task(doing)
    if database.is_sqlite:
        await asyncio.sleep(0)  # there it waits for the one writer
    else:
        await databases.ends_or_waits(database, task)
    return task


@pytest.mark.parametrize("asks", [None, Asks.TIME])
async def test_an_answer_that_is_just_being_written_does_not_outlive_the_leaving(
    desk, database, tom, ticket, leave, asks
):
    async with database.write() as session:
        actor = await session.scalar(select(Technician).where(Technician.username == "tom"))
        ours = await by_number(session, ticket.number, lock=True)
        await tickets.reply(session, actor, ours, text="¿Está encendida?", asks=asks, office=desk.office)
        leaving = await begin(database, leave())
    await leaving
    assert await waiting(desk) == []
    assert [article.text for article in await desk.articles(ticket)][1:] == ["¿Está encendida?"]


@pytest.mark.parametrize("asks", ["", "time"])
async def test_an_answer_sent_while_somebody_is_just_leaving_goes_to_no_chat_of_theirs(
    desk, database, tom, ticket, leave, asks
):
    await tom.opens(f"/tickets/{ticket.number}")
    async with database.write() as session:
        await leave(session)
        sending = await begin(database, tom.sends("/reply", text="¿Está encendida?", asks=asks))
    await sending
    assert tom.status == 200
    assert await waiting(desk) == []
    assert [article.text for article in await desk.articles(ticket)][1:] == ["¿Está encendida?"]


async def test_a_file_of_the_desk_and_a_closing_go_nowhere_either(desk, database, tom, ticket, leave):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Mire", files=[("guia.txt", b"paso 1", "text/plain")])
    assert await waiting(desk) != []
    async with database.write() as session:
        await leave(session)
        sending = await begin(database, tom.sends("/closure", **WORDS))
    await sending
    assert await waiting(desk) == []
    assert (await desk.ticket(ticket.number)).state == "warranty"
