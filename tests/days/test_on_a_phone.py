"""A short day on a phone: one column, fingers instead of a mouse."""

from playwright.async_api import Page, expect

from tests.days.conftest import Day, hears

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}

# what a finger does not hit: less than 24 px in either direction, links within a sentence excepted
SMALL = """() => {
  const stops = document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])");
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim().length > 1;
  const isInText = (stop) => stop.matches("a") && [...stop.parentNode.childNodes].some(isText);
  const isShown = (stop) => stop.checkVisibility({ visibilityProperty: true }) && !stop.closest(".skip, .unseen");
  return [...stops].filter((stop) => isShown(stop) && !isInText(stop)).flatMap((stop) => {
    const { width, height } = stop.getBoundingClientRect();
    if (width >= 24 && height >= 24) return [];
    return [`${Math.round(width)}×${Math.round(height)} ${stop.outerHTML.slice(0, 140)}`];
  });
}"""
UNFOLD = "() => { for (const part of document.querySelectorAll('main details')) part.open = true; }"


async def fits(page: Page) -> None:
    """The page as it comes and with everything unfolded: nothing beside it, nothing too small for a finger."""
    for is_unfolded in (False, True):
        if is_unfolded:
            await page.evaluate(UNFOLD)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
        assert await page.evaluate(SMALL) == [], page.url


async def goes_to(page: Page, name: str) -> None:
    await page.locator(".menu summary").tap()
    await fits(page)
    async with page.expect_navigation():
        await page.locator(".menu-list").get_by_role("link", name=name).tap()


async def closes(page: Page) -> None:
    await page.get_by_role("navigation", name="En esta página").get_by_role("link", name="Cerrar").tap()
    form = page.get_by_role("form", name="Cerrar ticket")
    await form.get_by_role("radio", name="Cerrado por garantía").tap()
    await form.get_by_label("Causa").fill("Falla del sistema")
    await form.get_by_label("Solución").fill("Se corrigió.")
    await form.get_by_label("Minutos").fill("12")
    await expect(form.get_by_role("status")).to_contain_text("12 min trabajados")
    await fits(page)
    await form.get_by_role("button", name="Cerrar ticket").tap()
    await expect(page.locator("#ticket-head").get_by_text("Cerrado por garantía")).to_be_visible()


async def test_a_short_day(day: Day):
    number = await day.ada.opens_ticket("No imprime facturas")
    phone = await day.phone()
    page = await day.comes("tom", "Tomás Ruiz", **PHONE)
    await fits(page)
    await page.get_by_role("link", name="No imprime facturas").tap()
    await page.get_by_role("button", name="Tomar").tap()
    await expect(page.locator("#ticket-head").get_by_text("Abierto")).to_be_visible()
    await fits(page)
    await page.get_by_label("Respuesta", exact=True).fill("Buenos días")
    await page.get_by_role("button", name="Enviar respuesta").tap()
    await hears(phone, "Buenos días")
    form = page.get_by_role("form", name="Llamada")
    await form.get_by_label("Resultado").select_option(label="No contesta")
    await form.get_by_role("button", name="Registrar llamada").tap()
    await expect(page.locator("#thread").get_by_text("Tomás Ruiz llamó: No contesta")).to_be_visible()
    await closes(page)
    await hears(phone, "Cerrado por garantía")
    await fits(page)
    for name in ("Tickets", "Nuevo ticket", "Empresas", "Facturación", "Entregas", "Mi cuenta"):
        await goes_to(page, name)
        await fits(page)
    await page.goto(f"{day.address}/companies/0992345678001")
    await fits(page)
    async with page.expect_navigation():
        await page.get_by_role("link", name="Estado de cuenta").tap()
    await fits(page)
    await page.goto(f"{day.address}/?q={number}")
    await fits(page)
