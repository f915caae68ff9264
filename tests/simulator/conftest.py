"""A running simulator, a client of its control API, and python-telegram-bot's real Bot."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.simulator import Character, Simulator
from tests.browser.conftest import shell
from tests.patience import PATIENCE

ADA = Character(700000001, "Ada", "Mora", "ada_mora", "+593991000001", note="RUC 0992345678001")
TOM = Character(700000002, "Tomás", phone="+593991000002")
# A microphone that hums instead of asking.
FAKES = "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
# Milliseconds a busy machine may take; nothing waits that long where it is free.
expect.set_options(timeout=PATIENCE * 1000)
# Nothing here speaks TLS; one context for all clients saves reading the certificates for each.
NO_TLS = ssl.create_default_context()
# A 1 × 1 picture.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def pytest_collection_modifyitems(items):
    """One event loop per file, so that the browser is started once."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(autouse=True)
def durations_as_timedelta(monkeypatch):
    """The library's coming way to tell durations; its old one warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest_asyncio.fixture(loop_scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator(characters=[ADA, TOM])
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def control(simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=simulator.url, timeout=PATIENCE, verify=NO_TLS) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def bot(simulator) -> AsyncIterator[Bot]:
    async with bot_of(simulator) as bot:
        yield bot


def bot_of(simulator: Simulator, token: str | None = None) -> Bot:
    return Bot(
        token or simulator.token,
        base_url=f"{simulator.url}/bot",
        base_file_url=f"{simulator.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs={"verify": NO_TLS}, media_write_timeout=10),
        get_updates_request=HTTPXRequest(httpx_kwargs={"verify": NO_TLS}),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with async_playwright() as playwright:
        arguments = [*FLAGS.split(), *FAKES.split(), "--no-first-run", "--disable-quic"]
        browser = await playwright.chromium.launch(executable_path=shell(), args=arguments)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, simulator):
    """A phone of 390 px; a script error or a refused resource fails the test."""
    eyes = {"viewport": {"width": 390, "height": 844}, "locale": "es-EC"}
    page = await browser.new_page(**eyes, base_url=simulator.url)
    page.set_default_timeout(PATIENCE * 1000)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    await page.close()
    assert complaints == []


class Phone:
    """What Ada does and sees."""

    def __init__(self, control: httpx.AsyncClient, user_id: int = ADA.id) -> None:
        self.control = control
        self.id = user_id

    async def do(self, deed: str, **wish):
        answer = await self.control.post(f"/sim/chats/{self.id}/{deed}", json=wish)
        assert answer.is_success, answer.text
        return answer.json()

    async def says(self, text: str, **wish):
        return await self.do("messages", text=text, **wish)

    async def sends(self, content: bytes, name: str, mime: str = "application/octet-stream", **fields):
        answer = await self.control.post(
            f"/sim/chats/{self.id}/messages", files={"file": (name, content, mime)}, data=fields
        )
        assert answer.is_success, answer.text
        return answer.json()

    async def sees(self):
        return (await self.control.get(f"/sim/chats/{self.id}")).json()

    async def messages(self):
        return (await self.sees())["messages"]


@pytest_asyncio.fixture(loop_scope="module")
async def ada(control) -> Phone:
    """Ada has written to the bot before."""
    phone = Phone(control)
    await phone.says("/start")
    await control.delete("/sim/updates")
    return phone
