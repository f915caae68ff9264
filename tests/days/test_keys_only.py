"""A day without a mouse: every step by keys, and after each of them the eye finds where one is."""

from playwright.async_api import Locator, Page, expect

from tests.days.conftest import Day
from tests.desk import PASSWORD

# what is wrong with the place the keys are at: not marked, out of sight, or under something else
UNSEEN = """element => {
  const [style, box] = [getComputedStyle(element), element.getBoundingClientRect()];
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2);
  const outline = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  return Object.entries({
    unmarked: outline < 2 || !element.matches(":focus-visible"),
    outside: box.width < 2 || box.top < 0 || box.left < 0 || box.bottom > innerHeight || box.right > innerWidth,
    covered: !(element.contains(top) || top?.contains(element)),
  }).flatMap(([word, is]) => (is ? [`${word}: ${element.outerHTML.slice(0, 120)}`] : []));
}"""


async def stands_at(place: Locator) -> None:
    await expect(place).to_be_focused()
    assert await place.evaluate(UNSEEN) == []


async def goes_on_to(page: Page, place: Locator, *, at_most: int = 20) -> None:
    """Tab until there; every stop on the way is seen, too."""
    for _ in range(at_most):
        await page.keyboard.press("Tab")
        assert await page.locator(":focus").evaluate(UNSEEN) == []
        if await place.evaluate("place => place === document.activeElement"):
            return
    raise AssertionError(f"{at_most} times Tab do not lead there")


async def logs_in(page: Page) -> None:
    await stands_at(page.get_by_label("Usuario"))
    await page.keyboard.type("tom")
    await goes_on_to(page, page.get_by_label("Contraseña"))
    await page.keyboard.type(PASSWORD)
    await goes_on_to(page, page.get_by_role("button", name="Entrar"))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def looks_at_the_keys(page: Page) -> None:
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Atajos de teclado")
    await expect(sheet).to_be_visible()
    await stands_at(sheet.get_by_role("button", name="Listo"))
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def closes(page: Page) -> None:
    await page.keyboard.press("c")
    await stands_at(page.get_by_role("radio", name="Cerrado por garantía"))
    await page.keyboard.press("ArrowUp")
    await stands_at(page.get_by_role("radio", name="Cerrado y facturado"))
    form = page.get_by_role("form", name="Cerrar ticket")
    for name, words in (("Causa", "La impresora estaba apagada"), ("Solución", "Se encendió."), ("Minutos", "20")):
        await goes_on_to(page, form.get_by_label(name))
        await page.keyboard.press("ControlOrMeta+a")
        await page.keyboard.type(words)
    await expect(form.get_by_role("status")).to_contain_text("20 min facturados")
    await goes_on_to(page, form.get_by_role("button", name="Cerrar ticket"))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_from_the_log_in_to_a_closed_ticket(day: Day):
    await day.ada.opens_ticket("Se cayó el servidor")
    number = await day.ada.opens_ticket("No imprime facturas")
    await day.live.employs("tom", "Tomás Ruiz")
    page = await day.opens()
    await logs_in(page)
    await looks_at_the_keys(page)

    await page.keyboard.press("j")
    await page.keyboard.press("j")
    line = page.locator(f"#ticket-{number}").get_by_role("link", name=f"#{number}")
    await stands_at(line)
    await looks_at_the_keys(page)
    await stands_at(line)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")

    await page.keyboard.press("t")
    await stands_at(page.get_by_role("button", name="Tomar"))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("#ticket-head").get_by_text("Abierto")).to_be_visible()

    await page.keyboard.press("r")
    await stands_at(page.get_by_label("Respuesta", exact=True))
    await page.keyboard.type("Buenos días. ¿Está encendida?")
    await goes_on_to(page, page.get_by_role("button", name="Enviar respuesta"))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator("#thread").get_by_text("¿Está encendida?")).to_be_visible()

    await closes(page)
    await expect(page.locator("#ticket-head").get_by_text("Cerrado y facturado")).to_be_visible()
    await day.live.settle()
    await day.ada.finds("¿Está encendida?")
    await day.ada.finds("Cerrado y facturado")
