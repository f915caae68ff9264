"""The page of deliveries in a real browser: without scripts, on a phone, light and dark."""

import pytest
from playwright.async_api import Browser, expect

from core.models import DeliveryState, OutboxRow
from core.rules.permissions import Role
from tests.admin.test_deliveries import a_lost_update, a_push, ada, audited, company, row_of, ticket
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser

__all__ = ["ada", "address", "backend", "browser", "company", "ticket"]  # fixtures of the neighbours


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_supervisor_deals_with_it_on_a_phone(browser: Browser, address, desk, database, ticket, scheme):
    await desk.employ("tom", Role.SUPERVISOR)
    again = await a_push(database, ticket, DeliveryState.DEAD, "Bad Request: " + "x" * 200)
    gone = await a_push(database, ticket, DeliveryState.UNCERTAIN, doubts=2)
    await a_lost_update(database)
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, java_script_enabled=False
    )
    page = await log_in(context, address)
    await page.locator(".menu summary").click()
    await page.get_by_role("link", name="Entregas : 3 necesitan atención").click()
    for summary in await page.locator("main summary").all():
        await summary.click()
    box = await page.locator("table.deliveries").last.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    line = page.locator(f"#delivery-{gone}")
    await expect(line).to_contain_text("Dos veces no hubo respuesta")
    await line.get_by_label("Motivo").fill("Ada dice que llegó")
    await line.get_by_role("button", name="Descartar").click()
    await expect(page.get_by_role("status")).to_have_text("Se descartó.")
    await page.get_by_role("button", name=f"Reintentar: #{ticket.number} · Ada").click()
    await expect(page.get_by_role("status")).to_have_text("Se vuelve a enviar ahora.")
    await expect(page.locator(".menu summary")).to_contain_text(": 1 necesita atención")
    assert (await row_of(database, again)).state is DeliveryState.QUEUED
    assert len(await audited(desk)) == 2
    assert len(await desk.all_of(OutboxRow)) == 2
