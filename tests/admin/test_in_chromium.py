"""The panel in a real browser: without scripts, on a phone, by keyboard."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from core.models import TicketClosure
from tests.admin.browser import PASSWORD
from tests.admin.conftest import address
from tests.browser.conftest import browser

__all__ = ["address", "browser"]  # fixtures of the neighbours


@pytest.fixture
def backend() -> str:
    """The pages are the same on every database."""
    return "sqlite"


@pytest.fixture
async def ticket(desk):
    await desk.employ("tom")
    company = await desk.registers(name="Ferretería " + "Ñ" * 120, purchased_minutes=90)
    ada = await desk.greets(company)
    return await desk.receives(company, ada, "x" * 118, "https://ejemplo.ec/" + "a" * 300)


async def log_in(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{address}/")
    await page.get_by_label("Usuario").fill("tom")
    await page.get_by_label("Contraseña").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/")  # loaded, so that its scripts hear what comes next
    return page


async def test_a_ticket_is_closed_without_any_script(browser: Browser, address, desk, ticket):
    page = await log_in(await browser.new_context(java_script_enabled=False), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    form = page.get_by_role("form", name="Cerrar ticket")
    await form.get_by_role("radio", name="Cerrado por implementación").check()
    await form.get_by_label("Causa").fill("Instalación nueva")
    await form.get_by_label("Minutos").fill("30")
    await form.get_by_role("button", name="Ver consecuencia").click()

    await expect(form.get_by_role("status")).to_contain_text("Horas compradas: 1 h 30 min → 1 h.")
    await expect(form.get_by_label("Causa")).to_have_value("Instalación nueva")
    await form.get_by_label("Solución").fill("Instalado y probado")
    await form.get_by_role("button", name="Cerrar ticket").click()
    await expect(page.get_by_text("Tom cerró el ticket: Cerrado por implementación")).to_be_visible()
    assert len(await desk.all_of(TicketClosure)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wider_than_a_phone(browser: Browser, address, ticket, scheme):
    context = await browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = await log_in(context, address)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    for path in (
        "/",
        f"/tickets/{ticket.number}",
        "/tickets/new",
        "/companies",
        "/companies/0992345678001",
        "/deliveries",
    ):
        await page.goto(address + path)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
    assert complaints == []


async def test_the_line_with_the_consequence_follows_what_is_typed(browser: Browser, address, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    form = page.get_by_role("form", name="Cerrar ticket")
    line = form.get_by_role("status")
    height = "document.documentElement.scrollHeight"
    before = await page.evaluate(height)
    await form.get_by_role("radio", name="Cerrado y facturado").check()
    await expect(line).to_contain_text("0 min trabajados, 15 min facturados.")
    await form.get_by_label("Minutos").fill("61")
    await expect(line).to_contain_text(
        "61 min facturados. Bolsa: 0 + 61 = 61 min → 1 hora técnica por facturar, quedan 1 min."
    )
    await expect(form.get_by_role("button", name="Ver consecuencia")).to_be_hidden()
    assert await page.evaluate(height) == before, "the page does not jump"


async def test_the_keyboard_alone_answers_a_customer(browser: Browser, address, desk, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.get_by_label("Respuesta").evaluate("field => field === document.activeElement"):
            break
    await page.keyboard.type("Buenos días")
    for _ in range(3):  # the files, and what the customer is asked for
        await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Enviar respuesta")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Telegram · Ada: en cola").first).to_be_visible()
    assert [article.text for article in await desk.articles(ticket)][1:] == ["Buenos días"]


ON_TICKET = ("Respuesta", "Nota interna", "Adjuntos", "Causa", "Solución")
OPENING = ("Empresa", "Producto", "Asunto", "Texto", "Adjuntos", "Nota interna")


async def test_a_field_is_the_only_one_its_name_finds(browser: Browser, address, desk, ticket):
    """A name that is part of another one finds both: who fills in the page by its labels is then stopped."""
    page = await log_in(await browser.new_context(), address)
    for path, labels in ((f"/tickets/{ticket.number}", ON_TICKET), ("/tickets/new", OPENING)):
        await page.goto(address + path)
        found = {label: await page.get_by_label(label).count() for label in labels}
        assert set(found.values()) == {1}, found
    await page.goto(f"{address}/tickets/{ticket.number}")
    await expect(page.get_by_role("status")).to_have_count(1)
