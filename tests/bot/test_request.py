"""The HTTP client under python-telegram-bot: names of files arrive as written, and errors tell nothing secret."""

import asyncio
import socket

import pytest
from telegram import Bot
from telegram.error import NetworkError, TimedOut

from bot.client import as_delivery_error, certificates
from bot.request import AiohttpRequest
from core.rules.retries import Outcome
from tests.messaging.wire import ADA, Wire

TOKEN = "1000000001:canario"


def bot_at(address: str, *, read_timeout: float = 5) -> Bot:
    request = AiohttpRequest(connections=2, read_timeout=read_timeout, certificates=certificates())
    return Bot(TOKEN, base_url=f"{address}/bot", request=request)


async def fails(bot: Bot) -> NetworkError:
    await bot._request[1].initialize()
    try:
        with pytest.raises(NetworkError) as caught:
            await bot.do_api_request("sendMessage", api_kwargs={"chat_id": 1, "text": "hola"})
    finally:
        await bot._request[1].shutdown()
    assert "canario" not in str(caught.value)
    return caught.value


async def test_a_call_that_found_nobody_has_not_left():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        error = await fails(bot_at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
    assert as_delivery_error(error).outcome is Outcome.NOT_SENT


async def test_a_call_whose_answer_does_not_come_is_in_doubt():
    hung_up = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hola")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    async with await asyncio.start_server(listen, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        error = await fails(bot_at(f"http://127.0.0.1:{port}", read_timeout=0.05))
        await hung_up.wait()
    assert isinstance(error, TimedOut)
    assert as_delivery_error(error).outcome is Outcome.DOUBTFUL


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["Declaración «ñandú» 2026.pdf", 'con "comillas" y 50 %.txt'])
async def test_a_file_keeps_its_name(wire: Wire, name: str):
    stored = await wire.store.put(b"contenido")
    document = {"sha256": stored.sha256, "name": name, "media_type": "application/pdf"}
    row = await wire.put(ADA, "", method="sendDocument", payload={"document": document})
    wire.start()
    await wire.until(row, "sent")
    chat = await wire.sim(f"/sim/chats/{ADA}", method="GET")
    assert chat["messages"][-1]["document"]["file_name"] == name
