"""Results while one types, chosen by keys; the form does the same without a script."""

from playwright.async_api import Browser, expect

from tests.admin.test_accessible import found
from tests.admin.test_in_chromium import address, backend, log_in, ticket
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser", "ticket"]  # fixtures of the neighbours


async def test_hits_come_while_one_types_and_keys_choose_one(browser: Browser, address, desk, ticket):
    await desk.registers("1790012345001", "Papelería Sin Tickets")
    page = await log_in(await browser.new_context(), address)
    field = page.get_by_role("combobox", name="Buscar en todo")
    await field.press_sequentially(ticket.subject.split()[0][:6])
    hits = page.get_by_role("listbox", name="Encontrado").get_by_role("option")
    await expect(hits).to_have_count(1)
    await expect(hits).to_contain_text(f"#{ticket.number}")
    assert await found(page, within=".find") == []
    await page.set_viewport_size({"width": 1280, "height": 800})
    await field.press("ArrowDown")
    await expect(hits).to_have_attribute("aria-selected", "true")
    await field.press("Enter")
    await expect(page).to_have_url(f"{address}/tickets/{ticket.number}")

    for typed in ("papeleria", "17900123"):
        await field.fill(typed)
        await expect(hits).to_have_count(1)
        await expect(hits).to_contain_text("Papelería Sin Tickets")
    await field.press("Escape")
    await expect(hits).to_have_count(0)
    await expect(field).to_have_value("17900123")
    await field.press("Enter")
    await expect(page.get_by_role("link", name="Papelería Sin Tickets")).to_be_visible()
