"""Three technicians share one queue while a customer waits at the phone, and nobody loads a page again."""

from playwright.async_api import Locator, Page, expect

from tests.days.conftest import Day, hears

FIRST = "Buenos días, soy Tomás. ¿La impresora está encendida?"
SECOND = "También puede probar con otro cable."


def answer(page: Page) -> Locator:
    return page.get_by_label("Respuesta", exact=True)


async def stays(page: Page) -> None:
    """Remember this page; a page that was loaded again has forgotten it."""
    await page.evaluate("window.isTheSame = true")


async def is_the_same(page: Page) -> bool:
    return bool(await page.evaluate("window.isTheSame === true"))


async def closes(page: Page) -> None:
    form = page.get_by_role("form", name="Cerrar ticket")
    await form.get_by_role("radio", name="Cerrado y facturado").check()
    await form.get_by_label("Causa").fill("La impresora estaba apagada")
    await form.get_by_label("Solución").fill("Se encendió y se hizo una prueba.")
    await form.get_by_label("Minutos").fill("20")
    await form.get_by_role("button", name="Cerrar ticket").click()


async def comes_too_late(page: Page) -> None:
    """An answer over one that came meanwhile is shown beside it, with its file, and not sent."""
    cable = {"name": "cable.txt", "mimeType": "text/plain", "buffer": b"USB"}
    await page.get_by_label("Adjuntos").set_input_files(files=[cable])
    await page.get_by_role("button", name="Enviar respuesta").click()
    await expect(page.get_by_text("Desde que usted abrió la página")).to_be_visible()
    await expect(answer(page)).to_have_value(SECOND)
    await expect(page.get_by_role("checkbox", name="cable.txt")).to_be_checked()


async def test_a_ticket_goes_from_hand_to_hand(day: Day):
    number = await day.ada.opens_ticket("No imprime facturas")
    phone = await day.phone()
    tom = await day.comes("tom", "Tomás Ruiz")
    sofia = await day.comes("sofia", "Sofía Vera", "/?owner=nobody")
    luis = await day.comes("luis", "Luis Mora")
    for page in (sofia, luis):
        await expect(page.locator(f"#ticket-{number}")).to_contain_text("Nuevo")
        await stays(page)

    await tom.get_by_role("link", name="No imprime facturas").click()
    await tom.get_by_role("button", name="Tomar").click()
    await hears(phone, "Estado: Abierto")
    await expect(sofia.locator(f"#ticket-{number}")).to_have_count(0)
    await expect(luis.locator(f"#ticket-{number}")).to_contain_text("Abierto")
    await expect(luis.locator(f"#ticket-{number}")).to_contain_text("Tomás Ruiz")
    assert await is_the_same(sofia)

    await sofia.goto(f"{day.address}/tickets/{number}")
    await answer(sofia).press_sequentially(SECOND)
    await expect(tom.get_by_text("Sofía Vera está respondiendo")).to_be_visible()
    await answer(tom).press_sequentially(FIRST)
    await expect(sofia.get_by_text("Tomás Ruiz está respondiendo")).to_be_visible()
    await tom.get_by_role("button", name="Enviar respuesta").click()
    await hears(phone, FIRST)
    await expect(sofia.locator("#thread").get_by_text(FIRST)).to_be_visible()

    await comes_too_late(sofia)
    assert SECOND not in await phone.locator("#log").inner_text()
    await sofia.get_by_role("button", name="Enviar de todos modos").click()
    await hears(phone, SECOND)
    await hears(phone, "cable.txt")
    await expect(tom.locator("#thread").get_by_text(SECOND)).to_be_visible()

    await closes(tom)
    await expect(tom.get_by_text("Desde que usted abrió la página")).to_be_visible()
    await tom.get_by_role("form", name="Cerrar ticket").get_by_role("button", name="Cerrar ticket").click()
    await hears(phone, "Cerrado y facturado")
    await expect(luis.locator(f"#ticket-{number}")).to_have_count(0)
    await expect(sofia.locator("#ticket-head").get_by_text("Cerrado y facturado")).to_be_visible()
    assert await is_the_same(luis)
