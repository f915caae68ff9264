"""The whole job in Chromium: a customer on the phone, a technician in the panel, side by side."""

import base64
import os
import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Addresses

ADA = 2001


class Phone:
    """Ada's phone page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, text: str) -> None:
        await self.page.get_by_label("Mensaje", exact=True).fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".out").last).to_be_visible()

    async def taps(self, label: str) -> None:
        await self.page.locator(".inline").get_by_role("button", name=label, exact=True).last.click()

    async def presses(self, label: str) -> None:
        keys = self.page.get_by_role("group", name="Teclado del bot")
        await keys.get_by_role("button", name=label, exact=True).click()

    async def hears(self, words: str | re.Pattern[str]) -> None:
        await expect(self.page.locator(".message", has_text=words).last).to_be_visible()

    async def opens_ticket(self) -> None:
        await self.page.get_by_role("button", name="Iniciar").click()
        await self.hears("13 dígitos")
        await self.says("0992345678001")
        await self.hears("escriba la contraseña")
        await self.says("cuaderno-azul")
        await self.hears("Todavía no tiene tickets")
        await self.presses("Nuevo ticket")
        await self.taps("Soporte Técnico")
        await self.taps("SaciJava")
        await self.hears("Escriba el asunto")
        await self.says("No imprime las facturas")
        await self.hears("Cuéntenos qué pasa")
        await self.says("Desde esta mañana la impresora de caja no saca nada.")
        await self.taps("No tengo adjuntos")
        await self.hears("¿Está todo bien?")
        await self.taps("Enviar")
        await self.hears("Su ticket es el #1002")


async def log_in(panel: Page, addresses: Addresses) -> None:
    await panel.goto(f"{addresses.panel}/")
    await panel.get_by_label("Usuario").fill("tom")
    await panel.get_by_label("Contraseña").fill("ventanilla")
    await panel.get_by_role("button", name="Entrar").click()
    await expect(panel.get_by_role("link", name=re.compile("No imprime las facturas"))).to_be_visible()


async def close_as_invoiced(panel: Page) -> None:
    await panel.get_by_role("radio", name="Cerrado y facturado").check()
    await panel.get_by_label("Causa").fill("La impresora estaba apagada")
    await panel.get_by_label("Solución").fill("Se encendió la impresora y se hizo una prueba.")
    form = panel.locator("form", has=panel.get_by_role("button", name="Cerrar ticket"))
    await form.get_by_label("Minutos").fill("4")
    await expect(panel.get_by_text(re.compile("4 min trabajados, 15 min facturados")).last).to_be_visible()
    await panel.get_by_role("button", name="Cerrar ticket").click()


async def test_a_ticket_from_the_phone_to_the_report(browser: Browser, addresses: Addresses, tmp_path: Path):
    eyes = {"locale": "es-EC", "timezone_id": "America/Guayaquil"}
    phone = Phone(await browser.new_page(viewport={"width": 420, "height": 860}, **eyes))
    panel = await browser.new_page(viewport={"width": 1280, "height": 860}, **eyes)
    complaints: list[str] = []
    for page in (phone.page, panel):
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)

    await phone.page.goto(f"{addresses.phone}/?persona={ADA}")
    await phone.opens_ticket()
    await log_in(panel, addresses)
    await panel.get_by_role("link", name=re.compile("No imprime las facturas")).click()
    await panel.get_by_label("Respuesta").fill("Buenos días, Ada. ¿La luz de la impresora está encendida?")
    await panel.get_by_role("button", name="Enviar respuesta").click()
    await phone.hears("¿La luz de la impresora está encendida?")
    await phone.hears("Estado: Abierto")
    await phone.page.locator(".message", has_text="¿La luz").get_by_role("button", name="Responder").last.click()
    await phone.says("No, está apagada. ¡Ya la encendí!")
    await phone.hears("Anotado en #1002")
    await panel.reload()
    await expect(panel.get_by_text("No, está apagada. ¡Ya la encendí!")).to_be_visible()
    await keep(browser, tmp_path, phone.page, panel, "main-job")

    await close_as_invoiced(panel)
    await phone.hears("Facturado: 15 min")
    await phone.hears("informe-1002.pdf")
    await expect(panel.get_by_text("Cerrado y facturado").first).to_be_visible()
    await panel.reload()
    await expect(panel.get_by_role("link", name=re.compile("Descargar informe|informe-1002"))).to_be_visible()
    await keep(browser, tmp_path, phone.page, panel, "closed")
    await phone.page.goto(addresses.mailbox)
    await expect(phone.page.get_by_text("contabilidad@andina.example").first).to_be_visible()
    assert complaints == []


async def keep(browser: Browser, folder: Path, phone: Page, panel: Page, name: str) -> None:
    """Both pages as one picture, by day and by night; with SCREENSHOTS=docs/images it is the README's."""
    await panel.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    sheet = await browser.new_page(viewport={"width": 1740, "height": 880})
    for scheme in ("light", "dark"):
        for page in (phone, panel):
            await page.emulate_media(color_scheme=scheme)
        pictures = [base64.b64encode(await page.screenshot()).decode() for page in (phone, panel)]
        images = "".join(f'<img src="data:image/png;base64,{picture}">' for picture in pictures)
        style = "<style>body{margin:0;background:#8a94a3;display:flex;gap:20px;padding:10px}</style>"
        await sheet.set_content(f"{style}{images}")
        target = Path(os.environ.get("SCREENSHOTS") or folder) / f"{name}-{scheme}.png"
        await sheet.screenshot(path=target)
    await sheet.close()
