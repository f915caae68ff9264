"""The same updates brought to the webhook again and again, on many connections at once: each has one effect."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.serving import Serving
from bot.webhook import SECRET_HEADER, Webhook
from bot.worker import Worker
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.vault import Vault
from core.models import InboxRow, InboxState, OutboxRow, Person
from core.render.office import Office
from tests import databases

BOT_ID = 1000000001
SECRET = "s" * 43
PATH = "/telegram/here"
FIRST_UPDATE, FIRST_CHAT = 700_000_000, 5001
PATIENCE = 300.0


@dataclass(frozen=True)
class Counts:
    """What was brought and what came of it: ``taken`` requests were answered 200, ``effects`` are answers queued."""

    requests: int
    taken: int
    rows: int
    done: int
    people: int
    effects: int
    effects_of_the_busiest_chat: int


async def replay(
    backend: str,
    folder: Path,
    *,
    updates: int = 1000,
    times: int = 10,
    connections: int = 16,
    chats: int = 50,
    seed: int = 1,
) -> Counts:
    """Bring every update ``times`` times in a shuffled order, work them off, and count; ``folder`` is for SQLite."""
    url = await databases.fresh_url(backend, folder)
    database = Database(url)
    try:
        async with _desk(database) as address:
            waiting = [_update(number, chats) for number in range(updates)] * times
            random.Random(seed).shuffle(waiting)
            statuses = await _bring(iter(waiting), address, connections)
            async with asyncio.timeout(PATIENCE):
                while (await _count(database, InboxRow, InboxRow.state == InboxState.NEW)) > 0:  # noqa: ASYNC110 - rows ring no bell
                    await asyncio.sleep(0.05)
        return await _counts(database, statuses)
    finally:
        await database.close()
        await databases.drop(url)


@asynccontextmanager
async def _desk(database: Database) -> AsyncIterator[str]:
    """Webhook and worker; the address to bring updates to."""
    vault = Vault(b"k" * 32)
    webhook = Webhook(database, vault, bot_id=BOT_ID, path=PATH, secret=SECRET)
    office = Office("Mesa", Translators(default="es", timezone="America/Guayaquil"))
    worker = Worker(database, vault, office)
    serving = Serving(Starlette(routes=[webhook.route]), "127.0.0.1", 0)
    serving.open()
    working = asyncio.create_task(worker.run())
    yield f"{serving.url}{PATH}"
    await serving.close()
    worker.stop()
    await working


async def _bring(waiting: Iterator[dict[str, Any]], address: str, connections: int) -> list[int]:
    """The status of each answer."""
    statuses: list[int] = []

    async def bring(session: aiohttp.ClientSession) -> None:
        for update in waiting:
            async with session.post(address, json=update, headers={SECRET_HEADER: SECRET}) as answer:
                assert await answer.read() == b""
                statuses.append(answer.status)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:
        await asyncio.gather(*(bring(session) for _ in range(connections)))
    return statuses


def _update(number: int, chats: int) -> dict[str, Any]:
    chat = FIRST_CHAT + number % chats
    person = {"id": chat, "first_name": f"Persona {chat}", "is_bot": False}
    return {
        "update_id": FIRST_UPDATE + number,
        "message": {
            "message_id": number + 1,
            "date": int(now().timestamp()),
            "chat": {"id": chat, "type": "private", "first_name": f"Persona {chat}"},
            "from": person,
            "text": "/ayuda",
        },
    }


async def _counts(database: Database, statuses: list[int]) -> Counts:
    async with database.read() as session:
        per_chat = select(func.count()).where(OutboxRow.method == "sendMessage").group_by(OutboxRow.lane)
        busiest = max((await session.scalars(per_chat)).all(), default=0)
    return Counts(
        requests=len(statuses),
        taken=statuses.count(200),
        rows=await _count(database, InboxRow),
        done=await _count(database, InboxRow, InboxRow.state == InboxState.DONE),
        people=await _count(database, Person),
        effects=await _count(database, OutboxRow, OutboxRow.method == "sendMessage"),
        effects_of_the_busiest_chat=busiest,
    )


async def _count(database: Database, table: type, *conditions: Any) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
