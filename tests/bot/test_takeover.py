"""Two processes of one desk: the second waits, and takes over what the first can do no more."""

import asyncio
import signal
from pathlib import Path

from core.actions import desk
from core.db import Database
from tests.bot.processes import Launcher, environment
from tests.faults.delivery_checks import REPEATED
from tests.messaging.wire import ADA, Wire

TAKEOVER_SECONDS = 10


async def answered(wire: Wire, times: int) -> bool:
    """A copy that says so is allowed: the first may die between an answer and its note of it."""
    return len([words for words in await wire.reads(ADA) if REPEATED not in words]) == times


async def test_after_a_kill_the_waiting_process_polls_works_and_sends(
    wire: Wire, database: Database, launcher: Launcher, tmp_path: Path
):
    async with database.write() as session:
        await desk.claim(session, bot_id=1000000001, is_demonstration=False)
    settings = environment(
        tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        telegram_url=wire.simulator.url,
    )
    roles = ("poll", "work", "send")
    async with launcher.desk("first", *roles, environment=settings) as first:
        await wire.wait_for(lambda: answered(wire, 1))
        async with launcher.desk("second", *roles, environment=settings) as second:
            await second.until(lambda said: said.count("waits to take over") == 2)
            await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "/ayuda"})
            await wire.wait_for(lambda: answered(wire, 2))
            assert await first.ends(signal.SIGKILL) == -signal.SIGKILL
            await wire.sim(f"/sim/chats/{ADA}/messages", {"text": "/ayuda"})
            async with asyncio.timeout(TAKEOVER_SECONDS):
                await wire.wait_for(lambda: answered(wire, 3))
            assert await second.ends(signal.SIGTERM) == 0
    assert await answered(wire, 3)
    assert len(await wire.reads(ADA)) <= 4
