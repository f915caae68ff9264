"""A customer's words and a technician's answer in the same moment: whoever was last is whom the ticket waits for."""

import asyncio

import pytest
from sqlalchemy import select

from core.actions import tickets
from core.models import ArticleKind, Technician
from core.queries.tickets import articles, by_number
from tests import databases
from tests.desk import Customer, LiveDesk, Staff

# SQLite has one writer at a time
pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


async def answered_beside(live: LiveDesk, number: int, doing: asyncio.Future[object]) -> None:
    """A technician answers, and before that is committed the customer's deed has begun."""
    async with live.database.write() as session:
        tom = await session.scalar(select(Technician).where(Technician.username == "tom"))
        assert tom is not None
        ticket = await by_number(session, number, lock=True)
        await tickets.reply(session, tom, ticket, text="Ya quedó, ¿verdad?", office=live.office)
        await databases.ends_or_waits(live.database, doing)
    await doing


async def is_the_desks_turn(live: LiveDesk, number: int) -> bool:
    async with live.database.read() as session:
        ticket = await by_number(session, number)
        last = (await articles(session, ticket))[-1]
        assert last.kind is ArticleKind.CUSTOMER, "hers came after his"
        return ticket.customer_spoke_last and ticket.urgent_at is not None


async def test_words_that_find_their_place(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime facturas"])
    await ada.says("Ya reinicié y sigue igual")
    await answered_beside(live, number, asyncio.ensure_future(ada.taps(f"#{number}")))
    assert await is_the_desks_turn(live, number)


async def test_a_draft_of_the_same_trouble(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime facturas"])
    await ada.says("Nuevo ticket")
    await ada.says("No imprime facturas")
    await answered_beside(live, number, asyncio.ensure_future(ada.taps(f"Sí, agregar a #{number}")))
    assert await is_the_desks_turn(live, number)
