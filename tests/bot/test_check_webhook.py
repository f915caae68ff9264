"""``python -m core check`` says whether updates arrive as the settings want."""

import time
from pathlib import Path

import pytest

from core import checkup
from core.db import Database
from core.keys import webhook_address
from core.settings import Settings, load
from tests.bot.processes import TOKEN
from tests.messaging.wire import ADA, Wire

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
DEAD = "http://127.0.0.1:9"


def settings_of(wire: Wire, folder: Path, *, webhook: str = "") -> Settings:
    given = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": wire.simulator.url, "DATA_DIR": str(folder)}
    brought = {"TELEGRAM_WEBHOOK_URL": webhook, "TELEGRAM_WEBHOOK_SECRET": "s" * 32} if webhook else {}
    return load(given | brought, env_file=None)


async def finding(settings: Settings, database: Database) -> tuple[bool, str]:
    found = next(finding for finding in await checkup.look(settings, database) if finding.what == "webhook")
    return found.is_well, found.says


async def test_where_updates_go_is_told_for_a_desk_that_polls(wire: Wire, database: Database, tmp_path: Path):
    assert wire.bot is not None
    settings = settings_of(wire, tmp_path)
    assert await finding(settings, database) == (True, "none; updates waiting: 4")
    await wire.bot.do_api_request("setWebhook", api_kwargs={"url": "https://old.example/x"})
    is_well, says = await finding(settings, database)
    assert (is_well, says) == (True, "old.example has one; it is removed when the desk polls; updates waiting: 4")


async def test_a_webhook_is_looked_at(wire: Wire, database: Database, tmp_path: Path):
    assert wire.bot is not None
    settings = settings_of(wire, tmp_path, webhook=DEAD)
    is_well, says = await finding(settings, database)
    assert (is_well, says) == (False, "Telegram brings updates to nobody; start the role poll; updates waiting: 4")
    await wire.bot.do_api_request("setWebhook", api_kwargs={"url": "https://old.example/x"})
    assert await finding(settings, database) == (False, says.replace("nobody", "old.example"))
    await wire.sim("/sim/updates", method="DELETE")
    await wire.bot.do_api_request("setWebhook", api_kwargs={"url": webhook_address(settings)})
    assert await finding(settings, database) == (True, "Telegram brings updates to 127.0.0.1; updates waiting: 0")
    await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "hola"})
    await wire.wait_for(lambda: has_failed(wire))
    is_well, says = await finding(settings, database)
    assert (is_well, says.partition(":")[0]) == (False, "Telegram could not bring an update")
    assert says.endswith("updates waiting: 1")
    assert webhook_address(settings).rpartition("/")[2] not in says


async def has_failed(wire: Wire) -> bool:
    assert wire.bot is not None
    info = await wire.bot.do_api_request("getWebhookInfo")
    return isinstance(info, dict) and info.get("last_error_date", 0) > time.time() - 60
