"""Processes under measurement: started apart from the terminal's Ctrl-C, stopped for certain."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.figures import BenchmarkError

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 12.0
LOOK_SECONDS = 0.005
OWN_SETTINGS = (
    *("TELEGRAM_", "DATABASE_", "DATA_", "FILES_", "PANEL_", "PUBLIC_", "SECRET_", "SMTP_", "MAIL_", "DESK_"),
    *("SIMULATOR_", "SEND_", "REQUIRE_", "BACKUP_", "LOG_", "DEFAULT_", "FAILPOINT"),
)


class Process:
    """One program in a group of its own; what it prints goes into a file, so no pipe can fill up."""

    def __init__(
        self, command: Sequence[str], log: Path, *, settings: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.log = log
        self.born = time.monotonic()
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                list(command),
                cwd=cwd or log.parent,  # not the checkout, where an .env may name a real bot
                env=clean_environment() | dict(settings or {}),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask, then insist; the whole group, for a shell does not pass a signal on."""
        for name, patience in ((number, STOP_SECONDS), (signal.SIGKILL, 5.0)):
            if self._popen.poll() is not None:
                return
            os.killpg(self._popen.pid, name)
            try:
                self._popen.wait(patience)
            except subprocess.TimeoutExpired:
                continue

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def check(self) -> None:
        """Raises BenchmarkError if the process has ended."""
        if self._popen.poll() is not None:
            raise BenchmarkError(f"a process ended with {self._popen.returncode}: …{self.output[-600:]}")

    def ends(self, *, seconds: float) -> None:
        """Wait for the end. Raises BenchmarkError if it is late or not a good one."""
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        if code != 0:
            raise BenchmarkError(f"a process ended with {code}: …{self.output[-600:]}")

    def says(self, pattern: str, *, seconds: float = START_SECONDS) -> str:
        """Wait for a line; its first group."""
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self.output)) is None:
            self.check()
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{pattern!r} was not said within {seconds} s: …{self.output[-600:]}")
            time.sleep(LOOK_SECONDS)
        return found[1]

    def cpu_seconds(self) -> float:
        """User and system time of all its threads, at the resolution of the kernel's tick (10 ms)."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, kind: str = "VmRSS") -> float:
        """Resident memory in MB; ``VmHWM`` for the highest it has been."""
        found = re.search(rf"{kind}:\s+(\d+) kB", self._proc("status"))
        return int(found[1]) / 1024 if found else 0.0

    def _proc(self, name: str) -> str:
        try:
            return Path(f"/proc/{self._popen.pid}/{name}").read_text(encoding="utf-8")
        except OSError:
            self.check()
            raise BenchmarkError("memory and processor time are read from /proc, which only Linux has") from None


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def clean_environment() -> dict[str, str]:
    """Ours without the desk's own settings: a benchmark must not reach a real bot or database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
    return kept | {"PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
