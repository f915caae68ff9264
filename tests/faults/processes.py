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
        self._process: subprocess.Popen[bytes] | None = None

    async def open(self) -> None:
        """Whatever is needed before the first start."""

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - a fork of some milliseconds
                [sys.executable, "-m", "bot", *ROLES], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def kill(self) -> int:
        """SIGKILL, and its exit status once it is dead."""
        return await self._end(signal.SIGKILL)

    async def terminate(self) -> int:
        """SIGTERM; the exit status, or that of a kill where it does not end by itself."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        try:
            return await asyncio.to_thread(self._process.wait, STOP_SECONDS + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return await asyncio.to_thread(self._process.wait)

    async def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
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
        self._pid = 0
        async with asyncio.timeout(START_SECONDS):
            await self._answer()

    async def _ask(self, order: str) -> int:
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(f"{order}\n".encode())
        await self._launcher.stdin.drain()
        return await self._answer()

    async def _answer(self) -> int:
        assert self._launcher.stdout is not None
        line = await self._launcher.stdout.readline()
        if not line:
            raise StartError(f"the launcher ended:\n{self.log.read_text()[-2000:]}")
        return int(line)

    async def start(self) -> None:
        self._pid = await self._ask("start")

    async def _end(self, number: signal.Signals) -> int:
        os.kill(self._pid, number)
        try:
            async with asyncio.timeout(STOP_SECONDS + 5):
                status = await self._ask("wait")
        except TimeoutError:
            os.kill(self._pid, signal.SIGKILL)
            status = await self._answer()
        self._pid = 0
        return status

    async def close(self) -> None:
        if self._pid:
            await self.kill()
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
