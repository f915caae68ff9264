"""From the start of a process to its first sign of life, and of a clean checkout to its first page."""

import asyncio
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx

from benchmarks import desk
from benchmarks.bot_api import BotApi
from benchmarks.figures import BenchmarkError, Figure
from benchmarks.processes import ROOT, START_SECONDS, Process, free_port, python
from benchmarks.run import Run

INSTALL_SECONDS = 300.0


def cold(run: Run) -> Iterable[Figure]:
    """A migrated desk with a token, then what `make run` starts: a demonstration on an empty database."""
    api = BotApi(run, "api")
    folder = run.folder / f"{run.name}-desk"
    folder.mkdir()
    asyncio.run(desk.prepare(desk.sqlite(folder), ()))
    found: dict[str, list[float]] = defaultdict(list)
    for number in run.rounds(run.size(5, 2), seconds=30 / (3 if run.quick else 1)):
        polled, paged = _desk(api, desk.settings_of(api, folder), folder)
        found["start to first getUpdates"].append(polled)
        found["start to first page"].append(paged)
        empty = run.folder / f"{run.name}-{number}"
        empty.mkdir()
        migrated, shown = _demonstration(empty)
        found["migrate an empty database"].append(migrated)
        found["demonstration, start to first page"].append(shown)
        run.say(f"round {number}: getUpdates after {polled:.2f} s, page after {paged:.2f} s")
    return [Figure(name, "s", values) for name, values in found.items()]


def _desk(api: BotApi, settings: Mapping[str, str], folder: Path) -> tuple[float, float]:
    """Seconds to the first getUpdates and to the first page."""
    port, before = free_port(), api.position
    with Process(python("-m", "bot"), folder / "desk.log", settings={**settings, "PANEL_PORT": str(port)}) as process:
        paged = _first_page(process, port, seconds=START_SECONDS)
        api.wait_for_poll(process)
    polls = api.ask(f"/sim/journal?method=getUpdates&after={before}")
    return polls[0]["at"] - process.born, paged - process.born


def _demonstration(folder: Path) -> tuple[float, float]:
    """Seconds of `python -m core migrate`, and of `python -m bot` to its first page."""
    port = free_port()
    settings = _demonstration_settings(port) | {"DATA_DIR": str(folder)}
    begun = time.monotonic()
    with Process(python("-m", "core", "migrate"), folder / "migrate.log", settings=settings) as migration:
        migration.ends(seconds=START_SECONDS)
    migrated = time.monotonic() - begun
    with Process(python("-m", "bot"), folder / "desk.log", settings=settings) as process:
        return migrated, _first_page(process, port, seconds=START_SECONDS) - process.born


def _demonstration_settings(port: int) -> dict[str, str]:
    return {"PANEL_PORT": str(port), "SIMULATOR_PORT": "0", "SIMULATOR_SMTP_PORT": "0"}


def install(run: Run) -> Iterable[Figure]:
    """`make run` in a fresh clone of the last commit: twice, the second time with everything installed."""
    git, make = shutil.which("git"), shutil.which("make")
    if git is None or make is None:
        raise BenchmarkError("git and make are needed for a clean checkout")
    checkout = run.folder / "checkout"
    subprocess.run([git, "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    for name in ("clean checkout, make run to first page", "the same checkout again"):
        port = free_port()
        settings = _demonstration_settings(port) | {"PYTHONPATH": ""}
        log = run.folder / "make.log"
        with Process([make, "run"], log, settings=settings, cwd=checkout) as process:
            shown = _first_page(process, port, seconds=INSTALL_SECONDS)
            process.stop(signal.SIGINT)
        run.say(f"{name}: {shown - process.born:.1f} s")
        yield Figure(name, "s", [shown - process.born])


def _first_page(process: Process, port: int, *, seconds: float) -> float:
    """When /login first answered 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        process.check()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/login", timeout=5).status_code == 200:
                return time.monotonic()
        except httpx.TransportError:
            time.sleep(0.01)
    raise BenchmarkError(f"no page within {seconds:.0f} s: …{process.output[-600:]}")
