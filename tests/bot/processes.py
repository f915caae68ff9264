"""Real processes of a desk, beside a simulator in this one."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKEN = "1000000001:simulator"
PATIENCE = 90.0  # imports take their time where many tests run at once
STOP_SECONDS = 10.0


def environment(folder: Path, *, database_url: str, telegram_url: str, **settings: str) -> dict[str, str]:
    """What a desk on this database needs; limits out of the way."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram_url,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "k" * 64,
        "PANEL_PORT": "0",
        "SEND_PER_SECOND": "100000",
        "SEND_PER_CHAT": "100000/s burst 1000",
        **settings,
    }


class Process:
    """``python -m bot ROLE …`` and what it says."""

    def __init__(self, running: asyncio.subprocess.Process, log: Path) -> None:
        self._running, self._log = running, log

    def says(self) -> str:
        return self._log.read_text()

    async def until(self, holds: Callable[[str], bool]) -> None:
        """Wait for what it says to be so."""
        async with asyncio.timeout(PATIENCE):
            while not holds(self.says()):
                assert self._running.returncode is None, self.says()
                await asyncio.sleep(0.02)

    async def ends(self, number: signal.Signals) -> int:
        """Send the signal; the exit status. Raises TimeoutError after ten seconds."""
        self._running.send_signal(number)
        async with asyncio.timeout(STOP_SECONDS):
            return await self._running.wait()

    async def close(self) -> None:
        if self._running.returncode is None:
            await self.ends(signal.SIGKILL)


@asynccontextmanager
async def desk(name: str, *roles: str, environment: dict[str, str]) -> AsyncIterator[Process]:
    """A process of the desk that has started; killed at the end if it still lives."""
    folder = Path(environment["DATA_DIR"])
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *roles, cwd=folder, env=environment, stdout=output, stderr=output
        )
    process = Process(running, log)
    try:
        await process.until(lambda said: "\nBot " in f"\n{said}")
        yield process
    finally:
        await process.close()
