"""A desk with people in it: Tom and Sofía work there, Ada is a customer, Eve comes from elsewhere."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from admin.app import create_app
from bot.serving import Serving
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.render.office import Office
from core.rules.permissions import Role
from tests import databases
from tests.admin.browser import Browser
from tests.admin.desk import Desk

HOME = "http://panel.test"

# What these ask is answered by HTML, cookies and bytes; the statements under it run on both databases elsewhere.
ON_ONE_DATABASE = {
    "test_files",
    "test_forms",
    "test_letterhead",
    "test_settings_texts",
    "test_upload",
}


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One database for the modules above, but for those of their tests that name theirs."""
    is_named = any("backend" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    is_there = metafunc.module.__name__.rpartition(".")[2] in ON_ONE_DATABASE
    if is_there and "backend" in metafunc.fixturenames and not is_named:
        metafunc.definition.add_marker(pytest.mark.parametrize("backend", databases.BACKENDS[:1], indirect=True))


@pytest.fixture
def office() -> Office:
    return Office(
        name="SACI Soporte",
        translators=Translators(default="es", timezone="America/Guayaquil"),
        panel_url=HOME,
    )


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    folder = tmp_path / "files"
    folder.mkdir()
    return FileStore(folder)


@pytest.fixture
def app(database: Database, office: Office, store: FileStore):
    return create_app(database=database, office=office, store=store, secret=b"k" * 32, https=False)


@pytest.fixture
async def address(app) -> AsyncIterator[str]:
    """Where the panel is served over real HTTP."""
    serving = Serving(app, "127.0.0.1", 0)
    serving.open()
    yield serving.url
    await app.state.live.close()
    await serving.close()


@pytest.fixture
async def desk(database: Database, office: Office) -> Desk:
    return Desk(database, office)


@pytest.fixture
async def company(desk: Desk):
    return await desk.registers()


@pytest.fixture
async def ada(desk: Desk, company):
    """A person of the company."""
    return await desk.greets(company)


@pytest.fixture
async def stranger(app) -> AsyncIterator[Browser]:
    """A browser nobody has logged in with."""
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        yield Browser(client)


@pytest.fixture
async def coming_from(app) -> AsyncIterator[Callable[[str], Awaitable[Browser]]]:
    """Browsers nobody has logged in with, each at an address: ``await coming_from("198.51.100.1")``."""
    async with AsyncExitStack() as clients:

        async def at(address: str) -> Browser:
            transport = httpx.ASGITransport(app=app, client=(address, 4000))
            return Browser(await clients.enter_async_context(httpx.AsyncClient(transport=transport, base_url=HOME)))

        yield at


Login = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def log_in(app, desk: Desk) -> AsyncIterator[Login]:
    """Log in as a technician made for the test: ``await log_in("vera", Role.AUDITOR)``."""
    clients: list[httpx.AsyncClient] = []

    async def enter(username: str, role: Role = Role.TECHNICIAN) -> Browser:
        await desk.employ(username, role)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME)
        clients.append(client)
        browser = Browser(client)
        await browser.log_in(username)
        return browser

    yield enter
    for client in clients:
        await client.aclose()


@pytest.fixture
async def tom(log_in: Login) -> Browser:
    return await log_in("tom")
