"""An update the desk cannot work with: five tries, on the panel within a minute, nobody else held up, and healed."""

import asyncio
import json
from datetime import datetime

import time_machine
from sqlalchemy import func, select

from core.clock import now
from core.keys import secret_key
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import InboxRow, InboxState
from core.rules.permissions import Role
from tests.bot.conftest import later
from tests.desk import Customer, LiveDesk
from tests.messaging.wire import moved_away
from tests.patience import PATIENCE

SORRY = "No pudimos recibir su último mensaje"
PANEL_WITHIN = 60  # seconds


async def lost(live: LiveDesk) -> InboxRow | None:
    async with live.database.read() as session:
        return await session.scalar(select(InboxRow).where(InboxRow.state == InboxState.DEAD))


async def until_lost(live: LiveDesk, clock: time_machine.Traveller) -> datetime:
    """Seconds fly until an update is given up; when that was."""
    async with asyncio.timeout(PATIENCE):
        while await lost(live) is None:
            later(live, clock, 0.5)
            await asyncio.sleep(0.01)
    return now()


async def sorries(customer: Customer) -> int:
    return len([said for said in await customer.reads() if SORRY in said.text])


async def test_a_handler_that_breaks_harms_nobody_else_and_is_healed_from_the_panel(
    live: LiveDesk, ada: Customer, eve: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    async with moved_away(live.database, "articles"):
        began = now()
        await live.sim(f"/sim/chats/{ada.id}/messages", {"text": f"/buscar {number}"})
        await eve.says("/ayuda")
        assert "conteste aquí mismo" in (await eve.last()).text
        assert await lost(live) is None, "Eve was answered while Ada's update still waits for its next try"
        at = await until_lost(live, clock)
        row = await lost(live)
        assert row is not None
        assert row.attempts == 5
        assert (at - began).total_seconds() <= PANEL_WITHIN
        await live.settle()
        assert await sorries(ada) == 1
    await reprocess(live)
    assert "No sale nada en la impresora." in (await ada.last()).text
    assert await sorries(ada) == 1
    assert await lost(live) is None


async def test_an_update_locked_with_a_key_that_was_away(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    person = {"id": ada.id, "is_bot": False, "first_name": ada.name}
    chat = {"id": ada.id, "type": "private", "first_name": ada.name}
    message = {"message_id": 900, "date": 1, "chat": chat, "from": person, "text": f"/buscar {number}"}
    raw = json.dumps({"update_id": 1, "message": message}).encode()
    async with live.database.write() as session:
        update = Incoming(1, str(ada.id), raw)
        await inbox.accept(session, [update], bot_id=7, vault=Vault(b"another key" * 3), now=now())
    await until_lost(live, clock)
    async with live.database.write() as session:
        row = await session.get_one(InboxRow, (7, 1))
        assert (row.attempts, row.error) == (5, "InvalidToken")
        row.raw = Vault(secret_key(live.settings)).lock(raw)
    await reprocess(live)
    assert "No sale nada en la impresora." in (await ada.last()).text


async def test_two_that_are_given_up_at_once_are_both_told(
    live: LiveDesk, ada: Customer, eve: Customer, clock: time_machine.Traveller
):
    async with live.database.write() as session:
        both = [Incoming(number, str(who.id), b"{}") for number, who in enumerate((ada, eve), 1)]
        await inbox.accept(session, both, bot_id=7, vault=Vault(b"another key" * 3), now=now())
    async with asyncio.timeout(PATIENCE):
        while await dead(live) < 2:
            later(live, clock, 0.5)
            await asyncio.sleep(0.01)
    await live.settle()
    assert (await sorries(ada), await sorries(eve)) == (1, 1)


async def dead(live: LiveDesk) -> int:
    async with live.database.read() as session:
        return await session.scalar(select(func.count()).where(InboxRow.state == InboxState.DEAD)) or 0


async def reprocess(live: LiveDesk) -> None:
    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:
        await vera.browser.opens("/deliveries")
        assert "Mensajes que no pudimos recibir" in vera.browser.text
        await vera.browser.sends("/reprocess")
    await live.settle()
