"""What a customer writes on a pending ticket does not wait for its day."""

import importlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from core.models import Article, ArticleKind, Ticket
from core.queries.tickets import by_number
from core.rules.states import State

MARK = "el cliente escribió"


@pytest.fixture
async def dora(desk):
    return await desk.employ("dora", is_development=True)


@pytest.fixture
async def waiting(desk, company, ada):
    """Somebody who has waited for two hours."""
    return await desk.receives(company, ada, "Espera", at=now() - timedelta(hours=2))


@pytest.fixture
def leaves(desk, tom, dora):
    async def leave(ticket, days: int = 9):
        ahead = now().astimezone(desk.office.t.timezone).date() + timedelta(days=days)
        await tom.opens(f"/tickets/{ticket.number}")
        await tom.sends("/pending", remind_at=f"{ahead}T10:00", responsible=str(dora.id))
        assert tom.status == 200

    return leave


@pytest.fixture
def writes(desk, ada):
    """The customer adds to the ticket, as a message in the chat does."""

    async def write(ticket, words: str, *, ago: timedelta = timedelta()):
        async with desk.database.write() as session:
            found = await by_number(session, ticket.number, lock=True)
            found.articles_count += 1
            found.customer_spoke_last, found.updated_at = True, now() - ago
            article = Article(ticket_id=found.id, position=found.articles_count, person_id=ada.id, text=words)
            article.kind, article.created_at = ArticleKind.CUSTOMER, now() - ago
            session.add(article)

    return write


async def lines(tom) -> list[str]:
    """The queue's tickets in their order, those marked with a star."""
    await tom.opens("/")
    rows = tom.answer.text.split('<tr id="ticket-')[1:]
    return [row.partition('"')[0] + "*" * (MARK in row.partition("</tr>")[0]) for row in rows]


async def test_words_on_a_pending_ticket_bring_it_forward_until_they_are_answered(
    desk, tom, company, ada, waiting, leaves, writes
):
    pending = await desk.receives(company, ada, "Con Desarrollo", at=now() - timedelta(days=3))
    await leaves(pending)
    assert await lines(tom) == [f"{waiting.number}", f"{pending.number}"]

    await writes(pending, "¿Ya hay algo? Es urgente.")
    later = await desk.receives(company, ada, "Más tarde", at=now() + timedelta(minutes=1))
    assert await lines(tom) == [f"{waiting.number}", f"{pending.number}*", f"{later.number}"]

    await tom.opens(f"/tickets/{pending.number}")
    await tom.sends("/reply", text="Lo revisamos el lunes.")
    assert await lines(tom) == [f"{waiting.number}", f"{later.number}", f"{pending.number}"]

    await writes(pending, "Gracias, pero urge.")
    await leaves(pending, days=2)
    assert await lines(tom) == [f"{waiting.number}", f"{later.number}", f"{pending.number}"], "seen, and a new date"


async def test_an_answer_taken_back_counts_what_was_said_since_it_was_left_pending(
    desk, tom, company, ada, waiting, leaves, writes
):
    pending = await desk.receives(company, ada, "Con Desarrollo")
    await tom.opens(f"/tickets/{pending.number}")
    await tom.sends("/reply", text="Lo vemos.")
    await leaves(pending)
    await tom.sends("/articles/2/retract")
    assert await lines(tom) == [f"{waiting.number}", f"{pending.number}"]
    await writes(pending, "¿Y?")
    await tom.opens(f"/tickets/{pending.number}")
    await tom.sends("/reply", text="Casi.")
    await tom.sends("/articles/4/retract")
    assert await lines(tom) == [f"{waiting.number}", f"{pending.number}*"]


async def test_pending_tickets_of_an_older_desk_stand_where_they_would(desk, tom, company, ada, leaves, writes):
    silent = await desk.receives(company, ada, "Callado", at=now() - timedelta(days=8))
    heard = await desk.receives(company, ada, "Oído", at=now() - timedelta(days=7))
    for ticket in (silent, heard):
        await leaves(ticket)
    await writes(heard, "¿Ya hay algo?")
    async with desk.database.write() as session:
        await session.execute(text("UPDATE tickets SET customer_spoke_last = true, turn_at = created_at"))
        await session.execute(text("UPDATE tickets SET urgent_at = remind_at"))
        migration = importlib.import_module("core.migrations.versions.0044_heard_while_pending")
        for statement in (migration._SEEN, migration._HEARD, migration._URGENCY):
            await session.execute(text(statement))
    assert await lines(tom) == [f"{heard.number}*", f"{silent.number}"]
    async with desk.database.read() as session:
        one, other = [await session.get_one(Ticket, ticket.id) for ticket in (heard, silent)]
    assert one.urgent_at == one.turn_at > now() - timedelta(hours=1)
    assert (other.urgent_at, other.state) == (other.remind_at, State.PENDING)
    assert other.turn_at > now() - timedelta(hours=1), "since it was left pending"
