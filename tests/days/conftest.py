"""A desk with its simulated phones, and whoever comes to work at it with a browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from core.rules.permissions import Role
from tests.browser.conftest import browser
from tests.desk import PASSWORD, Customer, LiveDesk
from tests.stories.conftest import ada, live

__all__ = ["ada", "browser", "live"]  # fixtures of the neighbours

EYES = {"locale": "es-EC", "timezone_id": "America/Guayaquil"}


@pytest.fixture
def backend() -> str:
    """A day is the same on every database."""
    return "sqlite"


@dataclass
class Day:
    """A day at the desk; ``faults`` is what scripts of its pages raised."""

    browser: Browser
    live: LiveDesk
    ada: Customer
    faults: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.live.panel_url

    async def opens(self, path: str = "/", **how: object) -> Page:
        """A browser of its own at a page of the panel, before anybody logs in."""
        context = await self.browser.new_context(**(EYES | how))
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        await page.goto(f"{self.address}{path}")
        return page

    async def comes(
        self, username: str, name: str, path: str = "/", *, role: Role = Role.TECHNICIAN, **how: object
    ) -> Page:
        """Somebody is employed, logs in and looks at a page; loaded, so that its scripts hear what comes next."""
        await self.live.employs(username, name, role)
        return await self.returns(username, path, **how)

    async def returns(self, username: str, path: str = "/", **how: object) -> Page:
        """The same from another machine."""
        page = await self.opens(path, **how)
        await page.get_by_label("Usuario").fill(username)
        await page.get_by_label("Contraseña").fill(PASSWORD)
        await page.get_by_role("button", name="Entrar").click()
        await page.wait_for_url(f"{self.address}{path}")
        return page

    async def phone(self) -> Page:
        """Ada's phone."""
        page = await self.browser.new_page(viewport={"width": 420, "height": 860}, **EYES)
        await page.goto(f"{self.live.simulator.url}/?persona={self.ada.id}")
        return page


@pytest.fixture
async def day(browser: Browser, live: LiveDesk, ada: Customer) -> AsyncIterator[Day]:
    day = Day(browser, live, ada)
    yield day
    assert day.faults == []


async def hears(phone: Page, words: str) -> None:
    await expect(phone.locator(".message", has_text=words).last).to_be_visible()


async def saved(page: Page, link: str) -> bytes:
    """What a link of the page downloads."""
    async with page.expect_download() as download:
        await page.get_by_role("link", name=link).first.click()
    return _read(await (await download.value).path())


def _read(path: Path) -> bytes:
    return path.read_bytes()
