"""What outlives a restart and a kill, and how promptly a simulator stops."""

import asyncio
import sys
import time
from contextlib import suppress

import httpx
import pytest

from bot.simulator import Simulator
from bot.simulator.store import Store
from tests.patience import PATIENCE
from tests.simulator.conftest import ADA, NO_TLS, Phone, bot_of


async def test_everything_is_there_after_a_restart(tmp_path):
    data = tmp_path / "simulador.db"
    before = Simulator(data_file=data, characters=[ADA])
    await before.start()
    async with httpx.AsyncClient(base_url=before.url, verify=NO_TLS) as control, bot_of(before) as bot:
        ada = Phone(control)
        await ada.says("hola")
        sent = await bot.send_document(ADA.id, b"contenido", filename="a.txt")
        (update,) = await bot.get_updates()
    await before.stop()

    after = Simulator(data_file=data, characters=[ADA])
    await after.start()
    async with httpx.AsyncClient(base_url=after.url, verify=NO_TLS) as control, bot_of(after) as bot:
        assert await bot.get_updates() == (update,)
        texts = [message.get("text") for message in await Phone(control).messages()]
        assert texts == ["hola", None]
        file = await bot.get_file(sent.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"contenido"
        assert (await bot.send_message(ADA.id, "sigo")).message_id == sent.message_id + 1
        journal = (await control.get("/sim/journal")).json()
        assert [entry["n"] for entry in journal] == list(range(1, len(journal) + 1))
    await after.stop()


async def test_a_kill_loses_at_most_the_last_moment(tmp_path):
    data = tmp_path / "simulador.db"
    arguments = [sys.executable, "-m", "bot.simulator", "--port", "0", "--smtp-port", "0", "--data", str(data)]
    first = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    url = (await first.stdout.readline()).decode().split()[-1]
    async with httpx.AsyncClient(base_url=url, verify=NO_TLS) as control:
        ada = Phone(control)
        ids = [(await ada.says(f"mensaje {n}"))["message_id"] for n in range(20)]
        # Written behind by 50 ms: a kill right now might take the last messages along.
        await control.get("/sim/idle", params={"until": "written", "timeout": 30})
    first.kill()
    await first.communicate()

    again = Simulator(data_file=data)
    await again.start()
    async with httpx.AsyncClient(base_url=again.url, verify=NO_TLS) as control:
        ada = Phone(control)
        assert [message["message_id"] for message in await ada.messages()] == ids
        assert (await ada.says("otro"))["message_id"] > ids[-1]
        assert len((await control.get("/sim/updates")).json()) == 21
    await again.stop()


async def test_the_process_ends_cleanly_at_sigterm():
    arguments = [sys.executable, "-m", "bot.simulator", "--port", "0", "--smtp-port", "0"]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    for word in ("Telegram", "Teléfono", "Correo", "SMTP"):
        assert (await process.stdout.readline()).decode().startswith(word)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    await process.communicate()


async def test_stopping_does_not_wait_for_those_who_wait():
    simulator = Simulator()
    await simulator.start()
    async with httpx.AsyncClient(base_url=simulator.url, verify=NO_TLS, timeout=30) as control:
        polling = asyncio.create_task(control.get(f"/bot{simulator.token}/getUpdates?timeout=30"))
        async with control.stream("GET", "/sim/events") as events:
            lines = events.aiter_lines()
            while "hello" not in await anext(lines):
                pass
            await control.get("/sim/idle", params={"until": "polling", "timeout": 30})
            began = time.monotonic()
            await simulator.stop()
            assert time.monotonic() - began < 20, "those who wait would wait for 30 seconds"
        assert (await polling).json() == {"ok": True, "result": []}


async def test_a_taken_port_is_reported_and_nothing_stays_open(simulator):
    port = int(simulator.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await Simulator(port=port).start()


async def test_a_taken_port_ends_the_process_with_one_sentence(simulator):
    arguments = [sys.executable, "-m", "bot.simulator", "--port", simulator.url.rsplit(":", 1)[1]]
    process = await asyncio.create_subprocess_exec(*arguments, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().startswith("No se puede escuchar en 127.0.0.1")
    assert said.decode().count("\n") == 1


async def test_what_is_cancelled_in_the_middle_of_writing_does_not_cross_the_last_write(tmp_path):
    video = b"x" * 30_000_000
    store = Store(tmp_path / "simulator.db")
    store.keep_bytes("video", video)
    writing = asyncio.create_task(store.flush())
    await asyncio.sleep(0)  # its thread is at work now
    writing.cancel()
    store.keep_bytes("voice", b"y")
    with suppress(asyncio.CancelledError):
        await writing
    await store.close()
    again = Store(tmp_path / "simulator.db")
    assert (await again.read_bytes("video"), await again.read_bytes("voice")) == (video, b"y")
    await again.close()
