"""Pictures of every screen of the chat at phone size: ``python -m tests.phone_screens FOLDER``."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from core import migrations
from core.db import Database
from tests.browser.conftest import FLAGS, chromium
from tests.desk import Customer, LiveDesk, Staff

RUC, PASSWORD = "0992345678001", "cuaderno-azul"
PHONE = {"width": 390, "height": 844}
COLOURS = 96  # of a picture: flat surfaces need no more


class Camera:
    """Looks at one person's phone and keeps what it shows under a name."""

    def __init__(self, browser: Browser, live: LiveDesk, folder: Path) -> None:
        self._browser, self._live, self._folder = browser, live, folder
        self._number = 0

    async def shows(self, customer: Customer, name: str, *, scheme: str = "light") -> None:
        self._number += 1
        context = await self._browser.new_context(viewport=PHONE, color_scheme=scheme)
        page = await context.new_page()
        await page.goto(f"{self._live.simulator.url}/?persona={customer.id}")
        await page.locator(".message").last.wait_for()
        await _at_rest(page)
        picture = Image.open(BytesIO(await page.screenshot()))
        file = self._folder / f"{self._number:02}-{name}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        sys.stdout.write(f"{file}\n")
        await context.close()


async def _at_rest(page: Page) -> None:
    """The newest message is in sight and pictures have come: a smooth scroll says no end."""
    await page.wait_for_timeout(600)


async def play(live: LiveDesk, camera: Camera) -> None:
    """A customer's way through the desk, from the first word to the rating."""
    await live.company(RUC, "Comercial Andina S.A.", password=PASSWORD, phones=("+593991234567",))
    ada = await live.customer("Ada Vélez", "+593987654321")
    async with live.employee("tom", "Tom Rojas", is_development=True) as tom:
        await _comes_in(ada, camera)
        number = await _opens(ada, camera)
        await _is_answered(live, ada, tom, number, camera)
        await _looks_round(live, ada, camera)
        await _is_closed(ada, tom, number, camera)
        await _others(live, ada, camera)


async def _comes_in(ada: Customer, camera: Camera) -> None:
    await ada.says("/start")
    await camera.shows(ada, "welcome")
    await ada.says(RUC)
    await camera.shows(ada, "password")
    await ada.says(PASSWORD)
    await camera.shows(ada, "menu")


async def _opens(ada: Customer, camera: Camera) -> int:
    await ada.presses("Nuevo ticket")
    await camera.shows(ada, "service")
    await ada.taps("Soporte Técnico")
    await camera.shows(ada, "product")
    await ada.taps("SaciJava")
    await ada.says("No imprime las facturas")
    await camera.shows(ada, "text")
    await ada.says("Desde esta mañana la impresora de la caja no saca nada. Ya la apagué y la prendí.")
    await ada.sends("captura.png", _picture(), kind="photo")
    await camera.shows(ada, "draft")
    await ada.taps("Listo")
    await camera.shows(ada, "card")
    await ada.taps("Enviar")
    await camera.shows(ada, "sent")
    await camera.shows(ada, "sent-dark", scheme="dark")
    return 1001


def _picture() -> bytes:
    drawn = BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(drawn, "PNG")
    return drawn.getvalue()


async def _is_answered(live: LiveDesk, ada: Customer, tom: Staff, number: int, camera: Camera) -> None:
    await tom.replies(number, "Buenos días. ¿Ve la impresora en la lista de Windows? Si dice «en pausa», ábrala.")
    await camera.shows(ada, "answer")
    await tom.replies(number, "¿Nos envía una captura de la lista de impresoras?", kind="request", asks="file")
    await camera.shows(ada, "request-file")
    await tom.does(number, "/calls", outcome="no_answer")
    await camera.shows(ada, "request-call")
    slot = next(label for label in (await ada.last()).buttons if ":" in label)
    await ada.taps(slot)
    await camera.shows(ada, "appointment")


async def _looks_round(live: LiveDesk, ada: Customer, camera: Camera) -> None:
    await live.has_tickets(ada, ["Clave del SRI vencida", "Reporte de ventas en blanco", "Certificado de firma .p12"])
    await ada.presses("Mis tickets")
    await camera.shows(ada, "my-tickets")
    label = next(text for text in (await ada.last()).buttons if "#1001" in text)
    await ada.taps(label)
    await camera.shows(ada, "ticket")
    await ada.presses("Buscar")
    await camera.shows(ada, "search")
    await ada.says("impresora")
    await camera.shows(ada, "found")
    await ada.says("/cuenta")
    await camera.shows(ada, "account")
    await ada.presses("Preferencias")
    await camera.shows(ada, "preferences")
    await ada.says("/ayuda")
    await camera.shows(ada, "help")
    await ada.says("Otra cosa: la balanza tampoco lee los códigos")
    await camera.shows(ada, "out-of-the-blue")


async def _is_closed(ada: Customer, tom: Staff, number: int, camera: Camera) -> None:
    await tom.closes(number, as_="invoiced", minutes=20)
    await camera.shows(ada, "closed")
    await ada.taps("5")
    await camera.shows(ada, "rated")
    await ada.says("Gracias, muy amables")
    await camera.shows(ada, "courtesy")


async def _others(live: LiveDesk, ada: Customer, camera: Camera) -> None:
    other = "1790011674001"
    await live.company(other, "Ferretería Ñandú", phones=("+593991112223",))
    eva = await live.customer("Eva Ruiz", "+593991112223")
    await eva.logs_in(other, other)
    await camera.shows(eva, "not-verified-yet")
    rosa = await live.customer("Rosa Paz", "+593995554443")
    await rosa.logs_in(RUC, PASSWORD)
    await camera.shows(ada, "new-phone-announced")


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[LiveDesk]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'desk.db'}")
    await migrations.upgrade(database)
    live = LiveDesk(database, folder)
    await live.start()
    try:
        yield live
    finally:
        await live.stop()
        await database.close()


async def main(folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=FLAGS, env=dict(os.environ, LANGUAGE="es")
        )
        with tempfile.TemporaryDirectory() as work:
            async with desk(Path(work)) as live:
                await play(live, Camera(browser, live, folder))
        await browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
