"""Updates have their effect once, in order per chat; one that cannot be worked off harms nobody else."""

import asyncio
import json

import pytest
import time_machine
from sqlalchemy import func, select

from core.clock import now
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import Article, ArticleKind, Binding, Conversation, InboxRow, InboxState
from core.rules.intake import Step
from tests.bot.conftest import dump, later
from tests.desk import Customer, LiveDesk
from tests.patience import PATIENCE
from tests.stories.conftest import TORNILLO

SORRY = "No pudimos recibir su último mensaje"


async def dead(live: LiveDesk) -> list[InboxRow]:
    async with live.database.read() as session:
        return list(await session.scalars(select(InboxRow).where(InboxRow.state == InboxState.DEAD)))


async def waiting(live: LiveDesk) -> int:
    async with live.database.read() as session:
        return await session.scalar(select(func.count()).where(InboxRow.state == InboxState.NEW)) or 0


async def minutes_pass(live: LiveDesk, clock: time_machine.Traveller) -> None:
    """Until nothing waits any more."""
    async with asyncio.timeout(PATIENCE):
        while await waiting(live):
            async with live.database.read() as session:
                is_due = await inbox.heads(session, now=now(), limit=1)
            if not is_due:
                later(live, clock, 5)
            await asyncio.sleep(0.01)
    await live.settle()


async def taps_something_odd(live: LiveDesk, customer: Customer, data: str) -> None:
    """A client that is old, or hostile."""
    message = await customer.last()
    await live.sim(f"/sim/chats/{customer.id}/tap", {"message_id": message.id, "data": data})
    await live.settle()


async def customers_words(live: LiveDesk) -> list[str]:
    async with live.database.read() as session:
        query = select(Article.text).where(Article.kind == ArticleKind.CUSTOMER).order_by(Article.id)
        return list(await session.scalars(query))


async def test_an_update_handed_out_again_and_again_has_one_effect(live: LiveDesk, ada: Customer):
    number = await ada.opens_ticket("No imprime")
    await live.sim("/sim/faults", [{"method": "getUpdates", "kind": "duplicate", "times": 6}])
    await ada.taps("Ver ticket")
    await ada.taps("Responder")
    await ada.says("Epson TM-20")
    assert (await customers_words(live)).count("Epson TM-20") == 1
    assert [said.text for said in await ada.reads()].count(f"Anotado en #{number}") == 1


async def test_a_poison_update_is_tried_five_times_while_the_others_flow(
    live: LiveDesk, ada: Customer, eve: Customer, clock: time_machine.Traveller
):
    await taps_something_odd(live, eve, "ticket:abc")
    await ada.says("/ayuda")
    assert "conteste aquí mismo" in (await ada.last()).text
    await live.sim(f"/sim/chats/{eve.id}/messages", {"text": "¿Hay alguien?"})
    await minutes_pass(live, clock)
    (row,) = await dead(live)
    assert (row.attempts, row.error) == (5, "ValueError")
    said = [message.text for message in await eve.reads()]
    assert len([text for text in said if SORRY in text]) == 1
    assert "¿A qué ticket corresponde?" in said[-1]
    assert SORRY in said[-2]


async def test_a_number_larger_than_any_ticket_is_answered_at_once(live: LiveDesk, ada: Customer):
    for words in ("/buscar 99999999999999999999", "/start t4294967296"):
        await ada.says(words)
        assert "no hay ningún ticket" in (await ada.last()).text
    await taps_something_odd(live, ada, "ticket:99999999999999999999")
    assert not await waiting(live)


async def test_what_cannot_even_be_read_or_prepared_holds_up_nobody(
    live: LiveDesk, ada: Customer, eve: Customer, clock: time_machine.Traveller
):
    """A number no database holds, a row locked with another SECRET_KEY, a password that is no text."""
    await taps_something_odd(live, eve, "place:99999999999999999999:1")
    async with live.database.write() as session:
        for chat in (9001, 9002):
            data = {"ruc": TORNILLO}
            session.add(Conversation(chat_id=chat, step=Step.PASSWORD, data=data, updated_at=now()))
        update = Incoming(1, "9001", json.dumps({"update_id": 1}).encode())
        await inbox.accept(session, [update], bot_id=1, vault=Vault(b"old" * 11), now=now())
    person = {"id": 9002, "is_bot": False, "first_name": "Bruno"}
    chat_9002 = {"id": 9002, "type": "private", "first_name": "Bruno"}
    odd = {"message_id": 1, "date": 1, "chat": chat_9002, "from": person, "text": 12}
    await live.sim("/sim/updates", {"message": odd})
    await ada.says("/buscar 7")
    assert "no hay ningún ticket #7" in (await ada.last()).text
    await minutes_pass(live, clock)
    dead_rows = {row.lane: row for row in await dead(live)}
    assert {str(eve.id), "9001"} <= dead_rows.keys()
    assert dead_rows["9001"].error == "InvalidToken"
    assert dead_rows["9001"].raw is not None, "staff may have the old key"


async def test_a_password_leaves_no_trace(live: LiveDesk, capfd: pytest.CaptureFixture[str]):
    """Right or wrong, early or late: not in the database or its files, not in the logs, not in the chat."""
    async with live.database.read() as session:
        assert await session.scalar(select(func.count(Binding.id))) == 0
    bruno = await live.customer("Bruno", "+593970000000")
    await bruno.logs_in("0992345678001", "canario-equivocado")
    await bruno.logs_in("0992345678001", "cuaderno azul")
    everything = await dump(live.database)
    for secret in (b"canario-equivocado", b"cuaderno azul"):
        assert secret not in everything
    printed = capfd.readouterr()
    assert "canario" not in printed.out + printed.err
    chat = (await bruno.chat())["messages"]
    assert [message["deleted"] for message in chat if message.get("text") in {"canario-equivocado", "cuaderno azul"}]
    assert all(message["deleted"] for message in chat if message.get("text") == "cuaderno azul")


async def test_words_that_break_a_handler_are_not_in_the_logs(
    live: LiveDesk, eve: Customer, clock: time_machine.Traveller, capfd: pytest.CaptureFixture[str]
):
    await taps_something_odd(live, eve, "ticket:canario-de-eva")
    await minutes_pass(live, clock)
    printed = capfd.readouterr()
    assert "could not be worked off" in printed.out + printed.err
    assert "canario" not in printed.out + printed.err
    assert b"canario" not in await dump(live.database)
