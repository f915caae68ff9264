"""How the panel looks: icons that are there, and a bar that is one row on every screen."""

import re

import pytest
from playwright.async_api import Browser, expect

from admin.menu import DAILY, SELDOM
from admin.routes import PAGES
from admin.templating import STATIC, TEMPLATES
from core.rules.permissions import Role
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser"]  # fixtures of the neighbours

USED = re.compile(r'(?:icon|empty)\("([a-z0-9-]+)"')
CODES = re.compile(r'^  \d{3}: \(t\(".*?"\), "([a-z0-9-]+)"\)', re.MULTILINE)


def test_every_icon_a_page_shows_is_in_the_sheet_beside_its_licence():
    sheet = (STATIC / "icons.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sheet))
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    used = {name for text in texts for pattern in (USED, CODES) for name in pattern.findall(text)}
    assert used | {place.icon for place in (*DAILY, *SELDOM)} <= there
    assert "ISC License" in (STATIC / "icons.LICENSE.txt").read_text(encoding="utf-8")


def test_the_menu_asks_for_what_its_pages_ask_for():
    needed = {page.path: page.needs for page in PAGES if page.method == "GET"}
    assert [place.path for place in (*DAILY, *SELDOM) if needed[place.path] is not place.needs] == []


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_bar_is_one_row_and_its_menu_needs_no_script(browser: Browser, address, desk, width):
    await desk.employ("tom", Role.ADMINISTRATOR)
    context = await browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = await log_in(context, address)
    bar = await page.locator("header.bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 60
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    icon = page.locator("header .find svg use")
    box = await icon.evaluate("use => use.getBBox().width")
    assert box > 0, "the sheet of icons is let in by the policy of the page"
    await page.locator(".menu summary").click()
    await page.get_by_role("link", name="Ajustes").click()
    await expect(page).to_have_url(f"{address}/settings")
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Salir").click()
    await expect(page.get_by_label("Usuario")).to_be_visible()
