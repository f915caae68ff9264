"""Writing an answer in a real browser: drafts, files by drop and paste, and the keys that send."""

import pytest
from playwright.async_api import Browser, Page, expect

from core.models import Attachment, ReplyDraft
from tests.admin.browser import PASSWORD
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser"]  # fixtures of the neighbours

BRING = """
([selector, kind, names]) => {
  const bag = new DataTransfer();
  for (const name of names) bag.items.add(new File(["contenido de " + name], name, { type: "text/plain" }));
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { clipboardData: bag, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: bag, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}
"""


@pytest.fixture
async def ticket(desk):
    await desk.employ("tom")
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


async def bring(page: Page, kind: str, *names: str, to: str = "#reply-text") -> None:
    await page.evaluate(BRING, [to, kind, list(names)])


async def test_an_answer_is_written_on_one_machine_and_sent_from_another(browser: Browser, address, desk, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await page.get_by_label("Respuesta").press_sequentially("Buenos días")
    await expect(page.locator("#reply-draft")).to_contain_text("Borrador de ")
    await page.close()

    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await expect(page.get_by_label("Respuesta")).to_have_value("Buenos días")
    await expect(page.get_by_role("button", name="Descartar borrador")).to_be_visible()
    await bring(page, "drop", "uno.txt", "dos.txt")
    await bring(page, "paste", "tres.txt")
    await page.get_by_role("button", name="Quitar: dos.txt").click()
    await expect(page.locator(".chosen li")).to_have_count(2)
    await page.get_by_label("Respuesta").focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type(", Ada")
    await page.keyboard.press("Control+Enter")

    await expect(page.get_by_role("link", name="tres.txt")).to_be_visible()
    await expect(page.get_by_label("Respuesta")).to_have_value("")
    assert [article.text for article in await desk.articles(ticket)][1:] == ["Buenos días, Ada"]
    assert [file.name for file in await desk.all_of(Attachment)] == ["uno.txt", "tres.txt"]
    assert await desk.all_of(ReplyDraft) == []


async def test_a_note_has_files_of_its_own(browser: Browser, address, desk, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    await bring(page, "drop", "registro.txt", to="#note-text")
    await bring(page, "paste", "captura.txt", to="#note-text")
    await bring(page, "drop", "manual.txt")
    await page.get_by_role("button", name="Quitar: captura.txt").click()
    dump = {"name": "volcado.bin", "mimeType": "application/octet-stream", "buffer": b"volcado"}
    await page.get_by_label("Archivos de la nota").set_input_files(files=[dump])
    await expect(page.locator("#note-form .chosen li")).to_have_count(2)
    await expect(page.locator("#reply-form .chosen li")).to_have_count(1)
    await page.get_by_label("Nota interna").fill("Lo que dice el registro")
    await page.get_by_role("button", name="Guardar nota").click()

    note = page.locator(".article-note")
    await expect(note.get_by_role("link", name="registro.txt")).to_be_visible()
    await expect(note.get_by_role("link", name="volcado.bin")).to_be_visible()
    assert sorted(file.name for file in await desk.all_of(Attachment)) == ["registro.txt", "volcado.bin"]
    assert (await desk.articles(ticket))[-1].kind == "note"


async def test_what_is_too_large_is_said_before_it_is_sent(browser: Browser, address, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    large = {"name": "respaldo.zip", "mimeType": "application/zip", "buffer": bytes(20 * 1024 * 1024 + 1)}
    await page.get_by_label("Adjuntos").set_input_files(files=[large])
    await expect(page.get_by_text("respaldo.zip pesa más de 20 MB")).to_be_visible()
    await page.get_by_role("button", name="Quitar: respaldo.zip").click()
    await expect(page.get_by_text("respaldo.zip pesa más de 20 MB")).to_be_hidden()


async def test_two_at_once_see_each_other_without_loading_again(browser: Browser, address, desk, ticket):
    pages = []
    for name in ("tom", "luis"):
        await desk.employ(name)
        page = await (await browser.new_context()).new_page()
        await page.goto(f"{address}/login?next=/tickets/{ticket.number}")
        await page.get_by_label("Usuario").fill(name)
        await page.get_by_label("Contraseña").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{address}/tickets/{ticket.number}")
        pages.append(page)
    tom, luis = pages
    await expect(tom.get_by_text("Luis está viendo este ticket")).to_be_visible()
    await luis.get_by_label("Respuesta", exact=True).press_sequentially("Hola")
    await expect(tom.get_by_text("Luis está respondiendo")).to_be_visible()
    await tom.get_by_label("Respuesta", exact=True).fill("Buenos días")
    await luis.keyboard.press("Control+Enter")
    await expect(luis.get_by_label("Respuesta", exact=True)).to_have_value("")
    await expect(tom.locator("#thread").get_by_text("Hola")).to_be_visible()
    await tom.get_by_role("button", name="Enviar respuesta").click()
    await expect(tom.get_by_role("button", name="Enviar de todos modos")).to_be_visible()
    await expect(tom.get_by_label("Respuesta", exact=True)).to_have_value("Buenos días")
    await luis.close()
    await expect(tom.get_by_text("Luis está")).to_be_hidden()
