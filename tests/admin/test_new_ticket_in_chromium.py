"""Looking a company up in a real browser: while one types, by keyboard, and without any script."""

from playwright.async_api import Browser, expect

from core.models import Ticket
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser"]  # fixtures of the neighbours


async def test_companies_and_their_people_come_while_one_types(browser: Browser, address, desk):
    await desk.employ("tom")
    for number in range(3):
        await desk.registers(f"01900{number:02d}001001", f"Bazar {number}")
    company = await desk.registers("1790012345001", "Bazar Ada")
    await desk.greets(company)
    await desk.greets(company, "Bea", 502)
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/new")
    await page.get_by_label("Asunto").fill("Llamó por el ATS")
    await page.get_by_label("Empresa").press_sequentially("bazar")
    await expect(page.get_by_role("list", name="Lo que se encontró").get_by_role("button")).to_have_count(4)
    await expect(page.get_by_role("button", name="Buscar empresa")).to_be_hidden()

    await page.get_by_role("button", name="Bazar Ada").click()
    await expect(page.get_by_role("radio", name="Todas las personas verificadas")).to_be_checked()
    await page.get_by_role("radio", name="Bea").check()
    await page.get_by_label("Empresa").press("Enter")
    await expect(page.get_by_role("radio", name="Bea")).to_be_checked()
    assert await page.get_by_label("Asunto").input_value() == "Llamó por el ATS"
    assert await desk.all_of(Ticket) == [], "Enter looks up and opens nothing"

    await page.get_by_role("radio", name="Soporte Técnico").check()
    await page.get_by_label("Producto").select_option("SaciJava")
    await page.get_by_label("Texto").fill("No genera el XML.")
    await page.get_by_role("button", name="Abrir ticket").click()
    await expect(page.get_by_text("Tom abrió el ticket a nombre de Bea")).to_be_visible()


async def test_without_a_script_a_button_looks_up_and_keeps_what_was_typed(browser: Browser, address, desk):
    await desk.employ("tom")
    await desk.greets(await desk.registers())
    page = await log_in(await browser.new_context(java_script_enabled=False), address)
    await page.goto(f"{address}/tickets/new")
    await page.get_by_label("Asunto").fill("Llamó por el ATS")
    await page.get_by_label("Empresa").fill("ferretería")
    await page.get_by_role("button", name="Buscar empresa").click()
    await expect(page.get_by_role("radio", name="Ada")).to_be_checked()
    assert await page.get_by_label("Asunto").input_value() == "Llamó por el ATS"
