"""What Telegram brings is stored before it is answered, whoever else knocks gets nothing, and all come once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select, text
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.client import certificates
from bot.serving import Serving
from bot.webhook import CAP, SECRET_HEADER, Webhook
from core.db import Database
from core.messaging.vault import Vault
from core.models import InboxRow
from tests.desk import LiveDesk
from tests.faults.processes import free_port
from tests.faults.replay import replay
from tests.messaging.wire import moved_away

SECRET = "s" * 32
PATH = "/telegram/guess"


class Telegram:
    """Brings what it is told to the webhook."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self._client, self.database = client, database

    async def brings(self, body: Any, *, secret: str | None = SECRET, path: str = PATH) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._client.post(path, content=content, headers={SECRET_HEADER: secret} if secret else {})

    async def asks(self) -> httpx.Response:
        return await self._client.get(PATH, headers={SECRET_HEADER: SECRET})

    async def stored(self) -> list[int]:
        async with self.database.read() as session:
            return list(await session.scalars(select(InboxRow.update_id).order_by(InboxRow.update_id)))


@pytest.fixture
async def telegram(database: Database, vault: Vault) -> AsyncIterator[Telegram]:
    webhook = Webhook(database, vault, bot_id=7, path=PATH, secret=SECRET)
    serving = Serving(Starlette(routes=[webhook.route]), "127.0.0.1", 0)
    serving.open()
    async with httpx.AsyncClient(base_url=serving.url, timeout=30, verify=certificates()) as client:
        yield Telegram(client, database)
    await serving.close()


def message(number: int, words: str = "hola") -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": 1, "chat": {"id": 3001}, "text": words}}


async def test_what_is_brought_is_stored_once_and_answered_with_nothing(telegram: Telegram, vault: Vault):
    for words in ("cuaderno azul", "otra vez"):
        answer = await telegram.brings(message(11, words))
        assert (answer.status_code, answer.content) == (200, b"")
    async with telegram.database.read() as session:
        row = (await session.scalars(select(InboxRow))).one()
    assert (row.bot_id, row.update_id, row.lane) == (7, 11, "3001")
    assert json.loads(vault.unlock(row.raw or b"")) == message(11, "cuaderno azul")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_strangers_get_nothing(telegram: Telegram):
    for secret in (None, "", "s" * 31, "s" * 33, "S" * 32):
        assert (await telegram.brings(message(1), secret=secret)).status_code == 403
        assert (await telegram.brings(b"x" * (CAP + 1), secret=secret)).status_code == 403
    assert (await telegram.brings(message(1), path="/telegram/guesses")).status_code == 404
    assert (await telegram.brings(message(1), path="/telegram")).status_code == 404
    assert (await telegram.asks()).status_code == 405
    assert await telegram.stored() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_largest_update_is_taken_and_what_is_larger_than_any_is_not(telegram: Telegram):
    assert (await telegram.brings(message(1, "á" * 30_000))).status_code == 200
    assert (await telegram.brings(message(2, "x" * CAP))).status_code == 413
    assert await telegram.stored() == [1]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_no_update_is_taken_once_and_shows_in_the_log(telegram: Telegram):
    """Brought again it would be no better: Telegram must not keep at it for a day."""
    odd = (b"", b"{", b"[]", b"7", b"\xff", b'{"update_id": "1"}', b'{"update_id": -1}', b"[" * 100_000)
    with capture_logs() as logs:
        for body in (*odd, b'{"update_id": 9223372036854775808}'):
            answer = await telegram.brings(body)
            assert (answer.status_code, answer.content) == (200, b"")
    assert len(logs) == len(odd) + 1
    assert {line["log_level"] for line in logs} == {"error"}
    assert await telegram.stored() == []


async def test_odd_updates_are_stored(telegram: Telegram, vault: Vault):
    """A kind nobody knows, half a surrogate pair, a zero byte."""
    odd = [{"update_id": 1, "hologram": {}}, message(2, "\ud83d"), message(3, "a\x00b")]
    for update in odd:
        assert (await telegram.brings(update)).status_code == 200
    assert await telegram.stored() == [1, 2, 3]


async def test_while_the_database_is_away_telegram_is_told_to_come_again(telegram: Telegram):
    async with moved_away(telegram.database, "inbox"):
        answer = await telegram.brings(message(1))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (await telegram.brings(message(1))).status_code == 200
    assert await telegram.stored() == [1]


async def test_nobody_is_answered_before_the_commit_and_those_who_wait_share_one(telegram: Telegram):
    database = telegram.database
    commits: list[object] = []
    async with database.write() as session:
        # whoever wants to store something has to wait for us
        await session.execute(text("DELETE FROM inbox" if database.is_sqlite else "LOCK TABLE inbox"))
        waiting: list[asyncio.Task[httpx.Response]] = []
        for number in range(20):
            waiting.append(asyncio.create_task(telegram.brings(message(number))))
            assert not (await asyncio.wait(waiting, timeout=0.02))[0]
        event.listen(database._writer.sync_engine, "commit", commits.append)
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
    assert await telegram.stored() == list(range(20))
    assert len(commits) <= 3, "that of the first, and one or two for all the others"


async def test_updates_brought_again_and_again_on_many_connections_have_one_effect_each(backend: str, tmp_path: Path):
    counts = await replay(backend, tmp_path, updates=60, times=5, chats=10)
    assert (counts.requests, counts.taken) == (300, 300)
    assert (counts.rows, counts.done, counts.people, counts.effects) == (60, 60, 10, 60)
    assert counts.effects_of_the_busiest_chat == 6


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_panel_takes_them_in_on_its_own_port(database: Database, tmp_path: Path):
    port = free_port()
    live = LiveDesk(database, tmp_path)
    await live.start(
        PANEL_PORT=str(port), TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}", TELEGRAM_WEBHOOK_SECRET=SECRET
    )
    ada = await live.customer("Ada", "+593991234567")
    await ada.says("/ayuda")
    assert len(await ada.reads()) == 1
    delivered = await live.sim("/sim/journal?method=webhook")
    assert [(entry["verdict"], entry["params"]["body_bytes"]) for entry in delivered] == [("ok", 0)]
    assert await live.sim("/sim/journal?method=getUpdates") == []
    stranger = await live.http.post(f"{live.panel_url}/telegram/x", json=message(1))
    assert stranger.status_code == 404
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(InboxRow)) == 1
    await live.stop()
