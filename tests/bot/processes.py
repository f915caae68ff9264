"""Real processes of a desk, beside a simulator in this one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOKEN = "1000000001:simulator"
PATIENCE = 90.0  # starts take their time where many tests run at once
STOP_SECONDS = 10.0


def environment(folder: Path, *, database_url: str, telegram_url: str) -> dict[str, str]:
    """What a desk on this database needs; limits out of the way."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram_url,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "k" * 64,
        "PANEL_PORT": "0",
        "REQUIRE_TOTP": "false",
        "SEND_PER_SECOND": "100000",
        "SEND_PER_CHAT": "100000/s burst 1000",
    }


class Launcher:
    """Starts desks; one for all tests, because it has imported everything."""

    def __init__(self, running: "subprocess.Popen[str]") -> None:
        self._running = running

    async def carries_out(self, order: Mapping[str, Any]) -> int:
        return await asyncio.to_thread(self._ask, json.dumps(order))

    def _ask(self, line: str) -> int:
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(f"{line}\n")
        self._running.stdin.flush()
        return int(self._running.stdout.readline())

    @asynccontextmanager
    async def desk(self, name: str, *roles: str, environment: Mapping[str, str]) -> AsyncIterator["Process"]:
        """``python -m bot ROLE …`` that has started; killed at the end if it still lives."""
        log = Path(environment["DATA_DIR"]) / f"{name}.log"
        order = {"log": str(log), "roles": roles, "environment": environment}
        process = Process(self, await self.carries_out(order), log)
        try:
            await process.until(lambda said: "\nBot " in f"\n{said}")
            yield process
        finally:
            if process.status is None:
                await process.ends(signal.SIGKILL)


@contextmanager
def launcher() -> Iterator[Launcher]:
    command = [sys.executable, "-m", "tests.bot.launcher"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield Launcher(running)


class Process:
    """A desk and what it says; ``status`` is how it ended."""

    def __init__(self, launcher: Launcher, pid: int, log: Path) -> None:
        self._launcher, self._pid, self._log = launcher, pid, log
        self.status: int | None = None

    def says(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    async def until(self, holds: Callable[[str], bool]) -> None:
        """Wait for what it says to be so."""
        async with asyncio.timeout(PATIENCE):
            while not holds(self.says()):  # noqa: ASYNC110 - a file of another process rings no bell
                await asyncio.sleep(0.02)

    async def ends(self, number: signal.Signals) -> int:
        """Send the signal; the exit status, which is that of a kill where it takes more than ten seconds."""
        os.kill(self._pid, number)
        waiting = asyncio.ensure_future(self._launcher.carries_out({"wait": self._pid}))
        if not (await asyncio.wait({waiting}, timeout=STOP_SECONDS))[0]:
            os.kill(self._pid, signal.SIGKILL)
        self.status = await waiting
        return self.status
