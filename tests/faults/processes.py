"""The processes of a kill test: a simulator that lives, and a desk that dies and is started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROLES = ("poll", "work", "send", "tick", "panel")
TOKEN = "1000000001:simulator"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class StartError(Exception):
    """A process did not come up; what it said is in the message."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class SimulatorProcess:
    """``python -m bot.simulator`` on free ports, its memory its only store."""

    def __init__(self, *, seed: int, log: Path) -> None:
        self._seed, self._log = seed, log
        self.url = self.smtp_url = ""

    async def start(self) -> None:
        command = ["-m", "bot.simulator", "--port", "0", "--smtp-port", "0", "--token", TOKEN]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                "--seed",
                str(self._seed),
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        async with asyncio.timeout(START_SECONDS):
            while not self.smtp_url:
                name, _, value = (await self._line()).partition(": ")
                self.url = value if name.startswith("Telegram") else self.url
                self.smtp_url = value if name == "SMTP" else ""

    async def _line(self) -> str:
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode().strip()
        if not line:
            raise StartError(f"the simulator did not start:\n{self._log.read_text()[-2000:]}")
        return line

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


class Desk:
    """``python -m bot poll work send tick panel``, started by its command each time."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.environment, self.log = dict(os.environ) | dict(environment), log
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Started, and not known to have ended."""
        return self.pid != 0

    async def open(self) -> None:
        """Whatever is needed before the first start."""

    async def start(self, **more: str) -> None:
        """Start it with ``more`` in its environment."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - a fork of some milliseconds
                [sys.executable, "-m", "bot", *ROLES],
                cwd=ROOT,
                env=self.environment | more,
                stdout=log,
                stderr=log,
            )
        self.pid = self._process.pid

    async def kill(self) -> int:
        """SIGKILL, and its exit status once it is dead."""
        return await self._end(signal.SIGKILL)

    async def terminate(self) -> int:
        """SIGTERM; the exit status, or that of a kill where it does not end by itself."""
        return await self._end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def said(self) -> str:
        """The log of all its lives."""
        return self.log.read_text(errors="replace")

    @property
    def megabytes(self) -> float:
        """What it keeps in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    async def ended(self, seconds: float) -> int | None:
        """The exit status once it ends by itself, None if it lives on after ``seconds``."""
        assert self._process is not None
        try:
            status = await asyncio.to_thread(self._process.wait, seconds)
        except subprocess.TimeoutExpired:
            return None
        self.pid = 0
        return status

    async def _end(self, number: signal.Signals) -> int:
        """Raises ProcessLookupError where it has ended by itself and nobody has noticed."""
        os.kill(self.pid, number)
        status = await self.ended(STOP_SECONDS + 5)
        if status is None:
            os.kill(self.pid, signal.SIGKILL)
            status = await self.ended(STOP_SECONDS)
        assert status is not None, "nothing survives SIGKILL"
        return status

    async def close(self) -> None:
        if self.is_running:
            await self.kill()


class WarmDesk(Desk):
    """The same desk, forked from a process that has imported it: a start costs no seconds of imports."""

    async def open(self) -> None:
        with self.log.open("ab") as log:
            self._launcher = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.launcher",
                str(self.log),
                *ROLES,
                cwd=ROOT,
                env=self.environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._is_waiting = False
        async with asyncio.timeout(START_SECONDS):
            await self._answer()

    async def _order(self, order: str) -> None:
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(f"{order}\n".encode())
        await self._launcher.stdin.drain()

    async def _answer(self) -> int:
        assert self._launcher.stdout is not None
        line = await self._launcher.stdout.readline()
        if not line:
            raise StartError(f"the launcher ended:\n{self.log.read_text()[-2000:]}")
        return int(line)

    async def start(self, **more: str) -> None:
        await self._order(" ".join(["start", *(f"{name}={value}" for name, value in more.items())]))
        self.pid = await self._answer()

    async def ended(self, seconds: float) -> int | None:
        if not self._is_waiting:
            await self._order("wait")
            self._is_waiting = True
        try:
            async with asyncio.timeout(seconds):
                status = await self._answer()
        except TimeoutError:
            return None
        self._is_waiting, self.pid = False, 0
        return status

    async def close(self) -> None:
        await super().close()
        if self._launcher.returncode is None:
            assert self._launcher.stdin is not None
            self._launcher.stdin.close()
            await self._launcher.wait()


async def core(arguments: Sequence[str], environment: Mapping[str, str], *, typed: str = "") -> None:
    """Run ``python -m core …``, as the operator does. Raises StartError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "core",
        *arguments,
        cwd=ROOT,
        env=dict(os.environ) | dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(typed.encode())
    if process.returncode:
        raise StartError(f"python -m core {' '.join(arguments)}: {output.decode()}")
