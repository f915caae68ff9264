"""From polling to a webhook and back by the settings alone, and who else may have the token."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import webhook
from bot.poller import ALLOWED, Poller
from bot.webhook import Registration
from core.actions import desk
from core.db import Database
from core.messaging.leader import Loop
from tests.bot.processes import Launcher, environment
from tests.faults.processes import free_port
from tests.messaging.wire import ADA, BRUNO, Wire
from tests.patience import PATIENCE

ADDRESS = "http://127.0.0.1:9/telegram/x"
SECRET = "s" * 32
NAMED = "another program takes this bot's updates: stop it, or give it a token of its own"

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@asynccontextmanager
async def running(loop: Loop) -> AsyncIterator[None]:
    task = asyncio.create_task(loop.run())
    yield
    loop.stop()
    async with asyncio.timeout(PATIENCE):
        await task


async def info(wire: Wire) -> dict[str, Any]:
    assert wire.bot is not None
    answer = await wire.bot.do_api_request("getWebhookInfo")
    assert isinstance(answer, dict)
    return answer


async def set_by_another(wire: Wire, address: str) -> None:
    assert wire.bot is not None
    await wire.bot.do_api_request("setWebhook", api_kwargs={"url": address})


async def answered(wire: Wire, chat: int, times: int) -> bool:
    return len(await wire.reads(chat)) == times


async def test_the_desk_goes_over_to_a_webhook_and_back_and_loses_nothing(
    wire: Wire, database: Database, launcher: Launcher, tmp_path: Path
):
    """Stopped in the middle of the traffic each time: what was not taken waits for the next start."""
    async with database.write() as session:
        await desk.claim(session, bot_id=1000000001, is_demonstration=False)
    url = database.url.render_as_string(hide_password=False)
    polling = environment(tmp_path, database_url=url, telegram_url=wire.simulator.url)
    port = free_port()
    brought = polling | {
        "PANEL_PORT": str(port),
        "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }
    starts = (("polling", polling, 1), ("webhook", brought, 3), ("polling-again", polling, 5))
    for name, settings, said in starts:
        async with launcher.desk(name, "poll", "work", "send", environment=settings) as process:
            await wire.wait_for(partial(answered, wire, ADA, said))
            await wire.wait_for(partial(answered, wire, BRUNO, said))
            assert bool((await info(wire))["url"]) is (settings is brought)
            assert await wire.sim("/sim/updates") == []
            await asyncio.gather(*(asks(wire, chat) for chat in (ADA, BRUNO)))
            assert await process.ends(signal.SIGTERM) == 0
            await asyncio.gather(*(asks(wire, chat) for chat in (ADA, BRUNO)))
            assert SECRET not in process.says()


async def asks(wire: Wire, chat: int) -> None:
    await wire.sim(f"/sim/chats/{chat}/messages", {"text": "/ayuda"})


async def test_telegram_is_told_where_and_what_to_bring(wire: Wire):
    assert wire.bot is not None
    async with running(Registration(wire.bot, ADDRESS, SECRET)):
        await wire.wait_for(lambda: knows(wire, ADDRESS))
        told = await info(wire)
    assert (told["max_connections"], told["allowed_updates"]) == (40, ALLOWED)
    (call,) = await wire.calls("setWebhook")
    assert call["params"]["secret_token"] == SECRET
    assert "drop_pending_updates" not in call["params"]
    assert (await info(wire))["url"] == ADDRESS, "a desk that stops lets Telegram wait for it"


async def knows(wire: Wire, address: str) -> bool:
    return (await info(wire))["url"] == address


async def test_a_webhook_changed_elsewhere_is_noticed_and_set_again(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhook, "LOOK_SECONDS", 0.02)
    assert wire.bot is not None
    registration = Registration(wire.bot, ADDRESS, SECRET)
    with capture_logs() as logs:
        async with running(registration):
            await wire.wait_for(lambda: knows(wire, ADDRESS))
            assert registration.conflict_at is None
            await set_by_another(wire, "https://elsewhere.example/secret-path")
            await wire.wait_for(lambda: knows(wire, ADDRESS))
    assert registration.conflict_at is not None
    assert "another program with this token changed the webhook; it is set again" in {x["event"] for x in logs}
    assert "secret-path" not in json.dumps(logs)


async def test_what_telegram_complains_of_is_said_once(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    """Nobody answers at the address."""
    monkeypatch.setattr(webhook, "LOOK_SECONDS", 0.02)
    assert wire.bot is not None
    with capture_logs() as logs:
        async with running(Registration(wire.bot, ADDRESS, SECRET)):
            await wire.wait_for(lambda: knows(wire, ADDRESS))
            await wire.wait_for(lambda: is_said(logs, "Telegram could not bring an update"))
            asked = len(await wire.calls("getWebhookInfo"))
            await wire.wait_for(lambda: asked_again(wire, asked + 6))
    complaints = [line for line in logs if line["event"] == "Telegram could not bring an update"]
    assert len(complaints) <= 2, "the address is tried at once and after two seconds"
    assert complaints[0]["waiting"] == 4


async def asked_again(wire: Wire, times: int) -> bool:
    return len(await wire.calls("getWebhookInfo")) >= times


async def is_said(logs: Sequence[Any], what: str, *, times: int = 1) -> bool:
    return sum(line["event"] == what for line in logs) == times


async def test_a_desk_that_polls_removes_a_webhook_and_takes_what_waits_there(wire: Wire, poller: Poller):
    await set_by_another(wire, ADDRESS)
    await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "uno"})
    with capture_logs() as logs:
        async with running(poller):
            await wire.wait_for(lambda: nothing_waits(wire))
    assert (await info(wire))["url"] == ""
    assert [line["event"] for line in logs] == ["the webhook of this bot is removed, because this desk polls"]
    assert poller.conflict_at is None, "left over from other settings: nobody to quarrel with"


async def nothing_waits(wire: Wire) -> bool:
    return await wire.sim("/sim/updates") == []


async def test_another_program_with_the_token_is_named_once_a_minute(wire: Wire, poller: Poller):
    """Two who poll in turn: 409 for each."""
    assert wire.bot is not None
    await wire.fails("409", method="getUpdates", times=3)
    with capture_logs() as logs:
        async with running(poller):
            await wire.wait_for(partial(polled, wire, 2))
            assert [line["event"] for line in logs] == [NAMED]
            wire.clock.shift(61)
            await wire.wait_for(partial(is_said, logs, NAMED, times=2))
    assert poller.conflict_at is not None


async def polled(wire: Wire, times: int) -> bool:
    return len(await wire.calls("getUpdates")) >= times


async def test_a_webhook_that_comes_back_is_a_quarrel(wire: Wire, poller: Poller):
    await set_by_another(wire, ADDRESS)
    async with running(poller):
        await wire.wait_for(lambda: knows(wire, ""))
        await wire.wait_for(lambda: polled(wire, 2))
        await set_by_another(wire, ADDRESS)
        await wire.wait_for(lambda: knows(wire, ""))
        await wire.wait_for(lambda: polled(wire, 3))
        assert poller.conflict_at is not None
