"""The upload page in a real browser, with and without scripts."""

import pytest
from playwright.async_api import Browser, expect

from tests.admin.test_in_chromium import address
from tests.admin.test_upload import ada, company, link, office
from tests.browser.conftest import browser

__all__ = ["ada", "address", "browser", "company", "link", "office"]  # fixtures of the neighbours


@pytest.fixture
def backend() -> str:
    """The page is the same on every database."""
    return "sqlite"


def file(size: int) -> dict[str, object]:
    return {"name": "respaldo.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + bytes(size)}


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_file_is_uploaded_on_a_phone(scripts: bool, browser: Browser, address: str, link):
    context = await browser.new_context(java_script_enabled=scripts, viewport={"width": 390, "height": 800})
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    where = f"{address}/upload/{(await link()).rpartition('/')[2]}"
    await page.goto(where)
    await page.get_by_label("Archivo").set_input_files(files=[file(3_000_000)])
    await page.get_by_role("button", name="Subir").click()
    await expect(page.get_by_role("alert")).to_contain_text("pesa más de 1 MB")
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.get_by_label("Archivo").set_input_files(files=[file(900_000)])
    await page.get_by_role("button", name="Subir").click()
    await expect(page.get_by_role("status")).to_contain_text("respaldo.zip (900 KB) llegó bien")
    assert page.url == where
    assert trouble == [] or not scripts
    await context.close()
