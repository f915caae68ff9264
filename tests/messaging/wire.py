"""A sender on a line to the simulator: what it sends, what Telegram says to it, and a clock to turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import time_machine
from sqlalchemy import select, text, update
from telegram import Bot

from bot.channel import TelegramChannel
from bot.client import certificates, make_bot
from bot.simulator import Character, Simulator
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging import outbox
from core.messaging.channel import DeliveryChannel
from core.messaging.limiter import Limiter
from core.messaging.sender import Sender
from core.messaging.store import FileStore
from core.models import Channel, DeliveryAttempt, DeliveryState, OutboxRow, Person
from core.render.office import Office
from core.settings import load
from core.wake import Topic
from tests.patience import PATIENCE

ADA, BRUNO, CARLA, DORA = 3001, 3002, 3003, 3004


class Wire:
    """One sender, one simulator; everybody in ``people`` has written to the bot before."""

    def __init__(self, database: Database, folder: Path, clock: time_machine.Traveller) -> None:
        self.database, self.clock = database, clock
        self.store = FileStore(folder / "files")
        self.limits = {"per_second": 100_000.0, "per_chat": 100_000.0, "burst": 1000}
        self.channels: dict[Channel, DeliveryChannel] = {}
        self.bot: Bot | None = None
        self.http = httpx.AsyncClient(timeout=30, verify=certificates())
        self.office = Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"))
        self._settings = load({"DATA_DIR": str(folder)}, env_file=None)
        self._sending: tuple[Sender, asyncio.Task[None]] | None = None

    async def open(self, *, port: int = 0) -> None:
        people = [Character(user, f"Persona {user}") for user in (ADA, BRUNO, CARLA, DORA)]
        self.simulator = Simulator(data_file=None, token=self._settings.bot_token, characters=people, port=port)
        await self.simulator.start()
        for person in people:
            await self.sim(f"/sim/chats/{person.id}/messages", {"text": "/start"})
        if self.bot is None:
            self.bot = make_bot(self._settings, api_url=self.simulator.url)
            for request in self.bot._request:
                await request.initialize()
            self.channels = {Channel.TELEGRAM: TelegramChannel(self.bot, self.store, _no_report)}

    async def hang_up(self) -> int:
        """Telegram is gone; the port it was on."""
        await self.simulator.stop()
        return int(self.simulator.url.rpartition(":")[2])

    async def close(self) -> None:
        await self.stop()
        assert self.bot is not None
        for request in self.bot._request:
            await request.shutdown()
        await self.http.aclose()
        await self.simulator.stop()

    def start(self) -> None:
        sender = Sender(self.database, self.channels, Limiter(**self.limits), self.office)
        self._sending = sender, asyncio.create_task(sender.run())

    async def stop(self) -> None:
        if self._sending is not None:
            sender, task = self._sending
            self._sending = None
            sender.stop()
            await task

    async def put(self, chat: int, text: str, **more: Any) -> int:
        """Queue a message; the row's id."""
        payload = ({"text": text} if text else {}) | more.pop("payload", {})
        async with self.database.write() as session:
            return (await outbox.put(session, chat, more.pop("method", "sendMessage"), payload, **more)).id

    async def edit(self, row_id: int, text: str) -> None:
        async with self.database.write() as session:
            await outbox.edit(session, row_id, {"text": text})

    async def leave_sending(self, row_id: int, *, doubts: int) -> None:
        """As a desk leaves it that dies with the row on its way."""
        async with self.database.write() as session:
            values = {"state": DeliveryState.SENDING, "attempts": doubts + 1, "doubts": doubts}
            await session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(values))
            session.add(DeliveryAttempt(outbox_id=row_id, started_at=now()))

    async def row(self, row_id: int) -> OutboxRow:
        async with self.database.read() as session:
            return await session.get_one(OutboxRow, row_id)

    async def states(self, *row_ids: int) -> set[str]:
        async with self.database.read() as session:
            return set(await session.scalars(select(OutboxRow.state).where(OutboxRow.id.in_(row_ids))))

    async def outcomes(self, row_id: int) -> list[str | None]:
        async with self.database.read() as session:
            query = select(DeliveryAttempt.outcome).where(DeliveryAttempt.outbox_id == row_id)
            return list(await session.scalars(query.order_by(DeliveryAttempt.id)))

    async def is_doubted(self, row_id: int) -> bool:
        return await self.outcomes(row_id) == ["doubtful"]

    async def know(self, user: int) -> None:
        """The desk has met this person."""
        async with self.database.write() as session:
            session.add(Person(telegram_id=user, created_at=now()))

    async def until(self, row_id: int, state: str, *, hours_fly: bool = False) -> OutboxRow:
        """Wait for the row to be there; ``hours_fly``: every look is a second later on the clock."""
        await self.wait_for(lambda: self._is(row_id, state), hours_fly=hours_fly)
        return await self.row(row_id)

    async def wait_for(self, holds: Callable[[], Awaitable[bool]], *, hours_fly: bool = False) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await holds():
                await asyncio.sleep(0.01)
                if hours_fly:
                    self.later(1)

    async def _is(self, row_id: int, state: str) -> bool:
        return (await self.row(row_id)).state == state

    def later(self, seconds: float) -> None:
        """Time passes, and the sender looks at once."""
        self.clock.shift(float(seconds))
        self.database.wake.ring([Topic.OUTBOX])

    async def fails(self, kind: str, *, method: str = "sendMessage", **more: Any) -> None:
        await self.sim("/sim/faults", [{"method": method, "kind": kind, **more}])

    async def mends(self) -> None:
        await self.sim("/sim/faults", method="DELETE")

    async def calls(self, *methods: str, chat: int | None = None) -> list[dict[str, Any]]:
        """What was asked of Telegram, in order."""
        entries = await self.sim("/sim/journal")
        wanted = {method.lower() for method in methods or ("sendMessage",)}
        return [
            entry
            for entry in entries
            if entry["method"].lower() in wanted and (chat is None or entry["chat_id"] == chat)
        ]

    async def reads(self, chat: int) -> list[str]:
        """What the bot said in the chat and did not take away again."""
        messages = (await self.sim(f"/sim/chats/{chat}"))["messages"]
        said = [message for message in messages if message["from_bot"] and not message["deleted"]]
        return [message.get("text") or message.get("caption") or "" for message in said]

    async def sim(self, path: str, body: Any = None, *, method: str = "") -> Any:
        answer = await self.http.request(
            method or ("GET" if body is None else "POST"), f"{self.simulator.url}{path}", json=body
        )
        assert answer.is_success, answer.text
        return answer.json()


async def _no_report(report_id: int) -> str:
    raise LookupError(f"report {report_id} is not drawn yet")


def words(entries: list[Mapping[str, Any]]) -> list[str]:
    """The texts of sending calls."""
    return [entry["params"]["text"] for entry in entries]


@asynccontextmanager
async def moved_away(database: Database, table: str = "outbox") -> AsyncIterator[None]:
    """Whoever looks for the table meets an error, as with a database that is away."""
    async with database.write() as session:
        await session.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
    yield
    async with database.write() as session:
        await session.execute(text(f"ALTER TABLE {table}_away RENAME TO {table}"))
