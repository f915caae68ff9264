"""A desk as ``make run`` starts it, in a process of its own, and a real browser."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.patience import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def chromium() -> str | None:
    """A whole browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def shell() -> str | None:
    """The same engine without the browser around it: whoever comes new to it costs a fifth of the processor time."""
    return shutil.which("chromium-headless-shell") or chromium()


@dataclass(frozen=True)
class Addresses:
    """What the desk said it serves."""

    phone: str
    panel: str
    mailbox: str


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_browser() -> AsyncIterator[Browser]:
    """Started once for all tests of the process: a start costs more than most of them."""
    path = shell()
    if path is None:
        pytest.skip("Chromium is not installed; tests/browser/install.sh says how")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=FLAGS, env=dict(os.environ, LANGUAGE="es")
        )
        yield browser
        await browser.close()


@pytest.fixture
async def browser(one_browser: Browser) -> AsyncIterator[Browser]:
    """A browser that remembers nothing: whatever a test opens in it is closed."""
    yield one_browser
    for context in one_browser.contexts:
        await context.close()


async def _module(folder: Path, *words: str) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    ports = {"PANEL_PORT": "0", "SIMULATOR_PORT": "0", "SIMULATOR_SMTP_PORT": "0"}
    environment = kept | ports | {"DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )


@pytest.fixture
async def addresses(tmp_path: Path) -> AsyncIterator[Addresses]:
    """Migrated and started like ``make run`` does, without a token; stopped by a signal."""
    assert await (await _module(tmp_path, "core", "migrate")).wait() == 0
    process = await _module(tmp_path, "bot")
    assert process.stdout is not None
    said: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE):
        while "Bot" not in said:
            line = (await process.stdout.readline()).decode()
            assert line, "the desk ended before it said what it serves"
            found = re.match(r"(\S+)\s+(http\S+)", line)
            if found:
                said[found[1]] = found[2]
    yield Addresses(said["Teléfono"].rstrip("/"), said["Panel"].rstrip("/"), said["Correo"])
    process.terminate()
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0, "a signal ends the desk cleanly"
