"""The conversation of a ticket in a real browser: where it opens, and its pictures one after the other."""

import pytest
from playwright.async_api import Browser, expect

from tests.admin.test_files import attach, picture
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser

__all__ = ["address", "attach", "backend", "browser"]  # fixtures of the neighbours


@pytest.fixture
async def ticket(desk):
    await desk.employ("tom")
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


async def test_pictures_are_looked_at_one_after_the_other(browser: Browser, address, ticket, attach):
    for name in ("una.png", "otra.png"):
        await attach(name, picture())
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await page.get_by_role("link", name="Vista previa de una.png").click()
    viewer = page.get_by_role("dialog", name="una.png")
    await expect(viewer.get_by_role("img", name="Vista previa de una.png")).to_have_js_property("naturalWidth", 800)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("dialog", name="otra.png")).to_contain_text("2 / 2")
    await page.get_by_role("button", name="Siguiente").click()
    await expect(viewer).to_be_visible()
    async with page.expect_download() as download:
        await viewer.get_by_role("link", name="Descargar").click()
    assert (await download.value).suggested_filename == "una.png"
    await page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(page.get_by_role("link", name="Vista previa de una.png")).to_be_focused()


async def test_a_picture_opens_without_any_script(browser: Browser, address, ticket, attach):
    file = await attach("una.png", picture())
    page = await log_in(await browser.new_context(java_script_enabled=False), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await page.get_by_role("link", name="Vista previa de una.png").click()
    await expect(page).to_have_url(f"{address}/tickets/{ticket.number}/previews/{file.id}")
