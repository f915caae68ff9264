"""Pictures of every page of the panel, of a filled desk: ``python -m tests.screens FOLDER [PAGE …]``."""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from admin.app import create_app
from bot.serving import Serving
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.render.office import Office
from tests import databases
from tests.admin.browser import PASSWORD
from tests.admin.desk import Desk
from tests.admin.filled import Filled, addresses, fill
from tests.browser.conftest import FLAGS, chromium

VIEWS = ((1280, "light"), (1280, "dark"), (390, "light"))
COLOURS = 192  # of a picture: flat surfaces need no more
TALLEST = 1500


def pages(filled: Filled) -> Mapping[str, str]:
    """What each page is called in the pictures, and where it is: all of the table, and a few in another state."""
    named = {
        "queue": "/",
        "search": "/?q=factura",
        "ticket-closed": f"/tickets/{filled.closed_number}",
        "nothing": "/nothing",
    }
    return {_name(path): address for path, address in addresses(filled).items() if path != "/"} | named


def _name(path: str) -> str:
    """``tickets-number`` for ``/tickets/{number:number}``."""
    return re.sub(r"[{}]|:\w+", "", path.strip("/")).replace("/", "-")


async def log_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/login")
    await page.get_by_label("Usuario").fill("tom")
    await page.get_by_label("Contraseña").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/")


async def _picture(page: Page, file: Path) -> None:
    height = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({"width": page.viewport_size["width"], "height": max(600, height)})
    picture = Image.open(BytesIO(await page.screenshot()))
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


async def _walk(browser: Browser, address: str, folder: Path, shown: Mapping[str, str]) -> None:
    for width, scheme in VIEWS:
        context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = await context.new_page()
        await page.goto(f"{address}/login")
        await _picture(page, folder / f"login-{width}-{scheme}.png")
        await log_in(page, address)
        for name, path in shown.items():
            answer = await context.request.get(f"{address}{path}", max_redirects=0)
            is_page = answer.headers.get("content-type", "").startswith("text/html")
            if is_page and (answer.ok or name == "nothing"):
                await page.set_viewport_size({"width": width, "height": 800})
                await page.goto(f"{address}{path}")
                await _picture(page, folder / f"{name}-{width}-{scheme}.png")
        await context.close()


async def main(folder: Path, wanted: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as work:
        database = Database(await databases.fresh_url("sqlite", Path(work)))
        files = Path(tempfile.mkdtemp(dir=work))
        office = Office(
            name="SACI Soporte",
            translators=Translators(default="es", timezone="America/Guayaquil"),
            panel_url="http://127.0.0.1",
        )
        filled = await fill(await Desk.opened(database, office))
        store = FileStore(files)
        app = create_app(database=database, office=office, store=store, secret=None, https=False)
        serving = Serving(app, "127.0.0.1", 0)
        serving.open()
        shown = {name: path for name, path in pages(filled).items() if not wanted or name in wanted}
        async with async_playwright() as playwright:
            environment = dict(os.environ, LANGUAGE="es")
            browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS, env=environment)
            await _walk(browser, serving.url, folder, shown)
            await browser.close()
        await serving.close()
        await database.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
