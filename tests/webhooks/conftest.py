"""A desk with a sender and a program that listens to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from core.actions import staff, subscriptions
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.limiter import Limiter
from core.messaging.sender import Sender
from core.messaging.webhooks import WebhookChannel
from core.models import Channel, OutboxRow, Subscription, Technician
from core.models import Desk as DeskRow
from core.queries.subscriptions import by_id
from core.render.office import Office
from core.rules.permissions import Role
from core.rules.webhooks import Happening
from core.wake import Topic
from tests import databases
from tests.admin.desk import Desk
from tests.patience import PATIENCE
from tests.webhooks.receiver import Receiver

VAULT = subscriptions.vault_of(b"k" * 32)


class Line:
    """From the desk to the program: a sender, and a clock to turn."""

    def __init__(self, database: Database, clock: time_machine.Traveller, desk: Desk, folder: Path) -> None:
        self.database, self.clock, self.desk, self.folder = database, clock, desk, folder
        self.is_demonstration = True
        self._sending: tuple[Sender, asyncio.Task[None]] | None = None

    async def subscribes(self, url: str, *events: Happening) -> tuple[Subscription, str]:
        async with self.database.write() as session:
            (await session.get_one(DeskRow, 1)).is_demonstration = True
            root = await self.root(session)
            return await subscriptions.add(session, root, url=url, events=set(events or Happening), vault=VAULT)

    async def root(self, session) -> Technician:
        known = await session.scalar(select(Technician).where(Technician.username == "root"))
        return known or await staff.add_technician(session, username="root", name="Root", role=Role.ADMINISTRATOR)

    async def does(self, verb: Callable[..., Awaitable[object]], subscription: Subscription) -> None:
        """An administrator does something about it."""
        async with self.database.write() as session:
            await verb(session, await self.root(session), await by_id(session, subscription.id, lock=True))

    async def stands(self, subscription: Subscription) -> Subscription:
        async with self.database.read() as session:
            return await session.get_one(Subscription, subscription.id)

    async def rows(self, subscription: Subscription) -> list[OutboxRow]:
        async with self.database.read() as session:
            query = select(OutboxRow).where(OutboxRow.lane == subscription.lane).order_by(OutboxRow.id)
            return list(await session.scalars(query))

    async def states(self, subscription: Subscription) -> list[str]:
        return [row.state.value for row in await self.rows(subscription)]

    def start(self) -> None:
        office = Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"))
        channel = WebhookChannel(self.database, VAULT, loopback=self.is_demonstration)
        limiter = Limiter(per_second=1000, per_chat=1000, burst=1000)
        sender = Sender(self.database, {Channel.WEBHOOK: channel}, limiter, office)
        self._sending = sender, asyncio.create_task(sender.run())

    async def stop(self) -> None:
        if self._sending is not None:
            sender, task = self._sending
            self._sending = None
            sender.stop()
            await task

    async def until(self, holds: Callable[[], Awaitable[bool]], *, hours_fly: bool = False) -> None:
        """Poll until it holds; ``hours_fly``: every look is ten seconds later on the clock."""
        async with asyncio.timeout(PATIENCE):
            while not await holds():
                await asyncio.sleep(0.01)
                if hours_fly:
                    self.clock.shift(10.0)
                    self.database.wake.ring([Topic.OUTBOX])

    async def settles(self, subscription: Subscription, *states: str, hours_fly: bool = False) -> None:
        async def holds() -> bool:
            return await self.states(subscription) == list(states)

        await self.until(holds, hours_fly=hours_fly)


@pytest.fixture
def backend() -> str:
    """What is asked of the database here is asked of both kinds elsewhere."""
    return databases.BACKENDS[0]


@pytest.fixture
async def line(database: Database, tmp_path: Path) -> AsyncIterator[Line]:
    office = Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"))
    desk = Desk(database, office)
    with time_machine.travel(now(), tick=True) as clock:
        line = Line(database, clock, desk, tmp_path)
        yield line
        await line.stop()


@pytest.fixture
async def program() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.open()
    yield receiver
    await receiver.close()
