"""Somebody unblocks the bot while Telegram's refusal of a push is still on its way to the desk."""

import asyncio

from sqlalchemy import select

from bot.channel import TelegramChannel
from core.actions import people, returns, tickets
from core.messaging.channel import Delivery, DeliveryError
from core.models import Channel, OutboxRow, Person, Technician, Ticket
from core.rules.states import State
from tests.admin.desk import Desk
from tests.messaging.wire import ADA, Wire

DIGEST = "Mientras no podíamos escribirle hubo novedades en #1001."


class SlowLine(TelegramChannel):
    """Refusals take their time on the way back."""

    def hold(self) -> None:
        self.refused, self.arrives = asyncio.Event(), asyncio.Event()

    async def send(self, delivery: Delivery) -> str | None:
        try:
            return await super().send(delivery)
        except DeliveryError:
            self.refused.set()
            await self.arrives.wait()
            raise


async def knocked(wire: Wire) -> tuple[SlowLine, int]:
    """Ada has blocked the bot and missed a push; the next one has just been refused. The line, and that push."""
    desk = Desk(wire.database, wire.office)
    tom, company = await desk.employ("tom"), await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company, "Ada", ADA), state=State.OPEN)
    assert wire.bot is not None
    line = SlowLine(wire.bot, wire.store, None)
    line.hold()
    line.arrives.set()
    wire.channels[Channel.TELEGRAM] = line
    await wire.sim(f"/sim/chats/{ADA}/block", {})
    wire.start()
    await wire.until(await reply(wire, tom, ticket, "¿Está encendida?"), "parked")
    line.hold()
    push = await reply(wire, tom, ticket, "¿Y ahora?")
    await line.refused.wait()
    return line, push


async def reply(wire: Wire, tom: Technician, ticket: Ticket, text: str) -> int:
    """The push to Ada."""
    async with wire.database.write() as session:
        there = await session.get_one(Ticket, ticket.id)
        await tickets.reply(session, tom, there, text=text, office=wire.office)
    async with wire.database.read() as session:
        newest = select(OutboxRow.id).where(OutboxRow.lane == str(ADA)).order_by(OutboxRow.id.desc())
        return (await session.scalars(newest.limit(1))).one()


async def is_back(wire: Wire) -> int:
    """Telegram says that she has unblocked the bot; the row that names what she missed."""
    async with wire.database.write() as session:
        person = await session.scalar(people.by_telegram_id(ADA))
        assert person is not None
        await returns.catch_up(session, person, office=wire.office)
    async with wire.database.read() as session:
        newest = select(OutboxRow.id).where(OutboxRow.lane == str(ADA)).order_by(OutboxRow.id.desc())
        return (await session.scalars(newest.limit(1))).one()


async def is_away(wire: Wire) -> bool:
    async with wire.database.read() as session:
        return await session.scalar(select(Person.blocked_at).where(Person.telegram_id == ADA)) is not None


async def test_a_refusal_from_before_the_return_silences_nobody(wire: Wire):
    line, push = await knocked(wire)
    await wire.sim(f"/sim/chats/{ADA}/unblock", {})
    digest = await is_back(wire)
    line.arrives.set()
    await wire.until(digest, "sent", hours_fly=True)
    said = await wire.reads(ADA)
    assert "¿Y ahora?" in said[0]
    assert said[1:] == [DIGEST]
    assert (await wire.row(push)).state == "sent"
    assert not await is_away(wire)


async def test_who_has_blocked_the_bot_again_is_not_written_to_for_ever(wire: Wire):
    line, push = await knocked(wire)
    digest = await is_back(wire)
    line.arrives.set()
    await wire.until(digest, "parked", hours_fly=True)
    assert await wire.outcomes(push) == ["bad_chat", "bad_chat"]
    assert await wire.outcomes(digest) == []
    assert await is_away(wire)
