"""A webhook gets every update: in order per chat, again after a refusal, with the secret."""

import asyncio
from itertools import pairwise

import pytest
import pytest_asyncio
from telegram.error import BadRequest, Conflict

from bot.simulator import webhook
from tests.patience import PATIENCE
from tests.simulator.conftest import TOM, Phone


class Receiver:
    """A small HTTP server that answers as told and remembers what came."""

    def __init__(self) -> None:
        self.statuses = []
        self.arrived = asyncio.Queue()
        self.headers = ""

    async def handle(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        body = (await reader.readexactly(length)).decode()
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        self.headers = head
        await self.arrived.put((status[:3], body))


@pytest_asyncio.fixture(loop_scope="module")
async def receiver():
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/telegram/x"
    yield receiver
    server.close()
    await server.wait_closed()


async def test_updates_are_delivered_with_the_secret(bot, ada, receiver):
    await bot.set_webhook(receiver.url, secret_token="s" * 32)
    for text in ("uno", "dos"):
        await ada.says(text)
    first, second = [(await asyncio.wait_for(receiver.arrived.get(), PATIENCE))[1] for _ in range(2)]
    assert '"uno"' in first
    assert '"dos"' in second
    assert f"X-Telegram-Bot-Api-Secret-Token: {'s' * 32}" in receiver.headers
    await ada.control.get("/sim/idle", params={"timeout": 30})
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_a_refused_update_comes_again_before_the_next_one(bot, ada, receiver):
    receiver.statuses = ["503 Service Unavailable", "500 Internal Server Error\r\nRetry-After: 0"]
    await ada.says("uno")
    await ada.says("dos")
    await bot.set_webhook(receiver.url)
    came = [await asyncio.wait_for(receiver.arrived.get(), PATIENCE) for _ in range(4)]
    assert [status for status, _ in came] == ["503", "500", "200", "200"]
    assert all('"uno"' in body for _, body in came[:3])
    assert "500" in (await bot.get_webhook_info()).last_error_message


async def test_other_chats_do_not_wait(bot, ada, control, receiver):
    """A chat that waits to be tried again has no connection, and nobody else ends its wait."""
    receiver.statuses = ["503 Service Unavailable\r\nRetry-After: 30"]
    await bot.set_webhook(receiver.url, max_connections=1)
    await ada.says("uno")
    await asyncio.wait_for(receiver.arrived.get(), PATIENCE)
    tom = Phone(control, TOM.id)
    for words in ("otro", "otro más", "y otro"):
        await tom.says(words)
        _, body = await asyncio.wait_for(receiver.arrived.get(), PATIENCE)
        assert f'"{words}"' in body
    assert [update["message"]["text"] for update in (await control.get("/sim/updates")).json()] == ["uno"]


async def test_the_waits_grow_each_time(bot, ada, control, receiver, monkeypatch):
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 0.05)
    receiver.statuses = ["500 Internal Server Error"] * 5
    await bot.set_webhook(receiver.url)
    began = len(await tries(control))
    await ada.says("uno")
    for _ in range(6):
        await asyncio.wait_for(receiver.arrived.get(), PATIENCE)
    moments = [entry["wall"] for entry in (await tries(control))[began:]]
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert waits[0] < 0.05
    assert all(wait >= least for wait, least in zip(waits[1:], (0.05, 0.1, 0.2, 0.4), strict=True))


async def tries(control):
    return (await control.get("/sim/journal", params={"method": "webhook"})).json()


async def test_an_update_older_than_a_day_is_not_brought_any_more(bot, ada, control, receiver):
    receiver.statuses = ["503 Service Unavailable\r\nRetry-After: 0.2"]
    await bot.set_webhook(receiver.url)
    await ada.says("ayer")
    await asyncio.wait_for(receiver.arrived.get(), PATIENCE)
    await control.post("/sim/clock", json={"advance_seconds": 25 * 3600})
    await ada.says("hoy")
    _, body = await asyncio.wait_for(receiver.arrived.get(), PATIENCE)
    assert '"hoy"' in body


async def test_polling_and_a_webhook_exclude_each_other(bot, ada, receiver):
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match=r"(?i)webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()
    with pytest.raises(BadRequest):
        await bot.set_webhook("ftp://x")
