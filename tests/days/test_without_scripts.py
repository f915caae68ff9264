"""A day in a browser that runs no script: links, forms and nothing else."""

from playwright.async_api import Page, expect

from core.rules.permissions import Role
from tests.days.conftest import Day, saved

STEPS = {"name": "pasos.txt", "mimeType": "text/plain", "buffer": b"1. Apague la impresora."}


async def goes_to(page: Page, name: str) -> None:
    """By the menu, as everybody does."""
    await page.locator(".menu summary").click()
    await page.locator(".menu-list").get_by_role("link", name=name).click()


async def finds(page: Page, words: str) -> None:
    await page.get_by_label("Buscar en todo").fill(words)
    await page.get_by_role("button", name="Buscar").click()
    await page.get_by_role("link", name="No imprime facturas").click()


async def answers(page: Page) -> None:
    await page.get_by_label("Respuesta", exact=True).fill("Siga estos pasos, por favor.")
    await page.get_by_label("Adjuntos").set_input_files(files=[STEPS])
    await page.get_by_role("button", name="Enviar respuesta").click()
    await expect(page.locator("#thread").get_by_text("Siga estos pasos, por favor.")).to_be_visible()
    assert await saved(page, "pasos.txt") == STEPS["buffer"]


async def closes(page: Page) -> None:
    form = page.get_by_role("form", name="Cerrar ticket")
    await form.get_by_role("radio", name="Cerrado por implementación").check()
    await form.get_by_label("Causa").fill("Impresora nueva")
    await form.get_by_label("Minutos").fill("45")
    await form.get_by_role("button", name="Ver consecuencia").click()
    await expect(form.get_by_role("status")).to_contain_text("Horas compradas: 10 h → 9 h 15 min.")
    await form.get_by_label("Solución").fill("Se instaló y se probó.")
    await form.get_by_role("button", name="Cerrar ticket").click()
    await expect(page.locator("#ticket-head").get_by_text("Cerrado por implementación")).to_be_visible()


async def looks_at_the_statement(page: Page, number: int) -> None:
    await page.get_by_role("link", name="Comercial Andina").first.click()
    await page.get_by_role("link", name="Estado de cuenta").click()
    line = page.get_by_role("row", name=f"#{number}")
    await expect(line).to_contain_text("45")
    assert (await saved(page, "Descargar PDF")).startswith(b"%PDF")


async def changes_a_policy(page: Page) -> None:
    await goes_to(page, "Ajustes")
    await page.get_by_role("link", name="Políticas").click()
    calls = page.get_by_label("Llamadas antes de cerrar sin éxito")
    await expect(calls).to_have_value("2")
    await calls.fill("3")
    await page.get_by_role("button", name="Guardar políticas").click()
    await expect(page.get_by_role("status")).to_contain_text("guardad")
    await expect(calls).to_have_value("3")


async def test_everything_a_day_needs(day: Day):
    number = await day.ada.opens_ticket("No imprime facturas")
    other = await day.ada.opens_ticket("Clave vencida")
    await day.live.employs("sofia", "Sofía Vera")
    page = await day.comes("tom", "Tomás Ruiz", role=Role.ADMINISTRATOR, java_script_enabled=False)
    await finds(page, "imprime")
    await page.get_by_role("button", name="Tomar").click()
    await expect(page.locator("#ticket-head")).to_contain_text("Tomás Ruiz")
    await answers(page)
    await page.get_by_label("Asignar a").select_option(label="Sofía Vera")
    await page.get_by_role("button", name="Asignar", exact=True).click()
    await expect(page.locator("#ticket-head")).to_contain_text("Sofía Vera")
    await closes(page)
    await looks_at_the_statement(page, number)
    await changes_a_policy(page)
    await page.goto(f"{day.address}/tickets/{other}")
    await expect(page.get_by_role("form", name="Cerrar ticket")).to_contain_text("Se necesitan 3")
    await goes_to_the_door(page)

    await day.live.settle()
    await day.ada.finds("Siga estos pasos")
    assert (await day.ada.finds("Cerrado por implementación")).text.count("45 min")
    assert any(said.document == "pasos.txt" for said in await day.ada.reads())


async def goes_to_the_door(page: Page) -> None:
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Salir").click()
    await expect(page.get_by_label("Usuario")).to_be_visible()
