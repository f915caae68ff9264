"""The connection goes and comes back: nothing typed is lost, nothing is sent twice, nothing is missed."""

import re

from playwright.async_api import expect

from tests.days.conftest import Day, hears

TEXT = "Buenos días, Ada. Lo reviso ahora."


async def test_an_answer_outlasts_the_connection(day: Day):
    number = await day.ada.opens_ticket("No imprime facturas")
    phone = await day.phone()
    tom = await day.comes("tom", "Tomás Ruiz", f"/tickets/{number}")
    answer, draft = tom.get_by_label("Respuesta", exact=True), tom.locator("#reply-draft")
    await answer.press_sequentially("Buenos días")
    await expect(draft).to_contain_text("Borrador de ")

    await tom.context.set_offline(True)
    await expect(tom.get_by_text("Sin conexión: lo que ve puede estar desactualizado")).to_be_visible()
    await answer.press_sequentially(", Ada. Lo reviso ahora.")
    await expect(draft).to_contain_text("No se pudo guardar el borrador")
    await tom.get_by_role("button", name="Enviar respuesta").click()
    await expect(tom.get_by_role("alert")).to_contain_text("no se envió nada")
    await expect(answer).to_have_value(TEXT)
    await day.ada.says("¿Hay alguien?")
    await day.ada.taps(f"#{number}")

    await tom.context.set_offline(False)
    await expect(tom.get_by_text("Sin conexión")).to_have_count(0)
    await expect(tom.locator("#thread").get_by_text("¿Hay alguien?")).to_be_visible()
    await expect(draft).to_contain_text("Borrador de ")
    at_home = await day.returns("tom", f"/tickets/{number}")
    await expect(at_home.get_by_label("Respuesta", exact=True)).to_have_value(TEXT)
    await at_home.close()

    await tom.get_by_role("button", name="Enviar respuesta").click()
    await expect(answer).to_have_value("")
    await hears(phone, TEXT)
    await expect(phone.locator(".message", has_text=re.compile(re.escape(TEXT)))).to_have_count(1)
