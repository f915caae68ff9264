"""Pictures of every page of the panel, of a filled desk: ``python -m tests.screens FOLDER [PAGE …]``.

``closing``, where it is named, is the form alone, as docs/images has it.
"""

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

from tests.admin.filled import Filled, addresses
from tests.admin.scenes import SCENES, Homes, Scene, enter, homes
from tests.browser.conftest import FLAGS, chromium

VIEWS = ((1280, "light"), (1280, "dark"), (390, "light"))
COLOURS = 192  # of a picture: flat surfaces need no more
TALLEST = 1500
# a part that was unfolded is what the picture is of
SHOW = """() => {
  const part = document.querySelector("#merge-form[open], .retract[open]");
  part?.scrollIntoView({ block: "center" });
  return Boolean(part);
}"""


def pages(filled: Filled) -> Mapping[str, str]:
    """What each page is called in the pictures, and where it is: all of the table, and a few in another state."""
    named = {
        "queue": "/",
        "search": "/?q=factura",
        "ticket-closed": f"/tickets/{filled.closed_number}",
        "tickets-new": f"/tickets/new?company={filled.company.ruc}",
        "nothing": "/nothing",
    }
    return {_name(path): address for path, address in addresses(filled).items() if path != "/"} | named


def _name(path: str) -> str:
    """``tickets-number`` for ``/tickets/{number:number}``."""
    return re.sub(r"[{}]|:\w+", "", path.strip("/")).replace("/", "-")


async def _picture(page: Page, file: Path) -> None:
    height = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
    if await page.evaluate(SHOW):
        height = 800
    await page.set_viewport_size({"width": page.viewport_size["width"], "height": max(600, height)})
    _save(await page.screenshot(), file)


def _save(picture: bytes, file: Path) -> None:
    flat = Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    flat.save(file, optimize=True)


async def _walk(browser: Browser, home: str, folder: Path, shown: Mapping[str, str]) -> None:
    """Every page, in a browser of its own for each size and theme."""
    for width, scheme in VIEWS:
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto(f"{home}/login")
        await _picture(page, folder / f"login-{width}-{scheme}.png")
        await enter(page, home)
        for name, path in shown.items():
            answer = await context.request.get(f"{home}{path}", max_redirects=0)
            is_page = answer.headers.get("content-type", "").startswith("text/html")
            if is_page and (answer.ok or name == "nothing"):
                await page.set_viewport_size({"width": width, "height": 800})
                await page.goto(f"{home}{path}")
                await _picture(page, folder / f"{name}-{width}-{scheme}.png")
        await context.close()


async def _play(browser: Browser, homes: Homes, folder: Path, scenes: Mapping[str, Scene]) -> None:
    """Every scene once, looked at in each size and theme."""
    for name, scene in scenes.items():
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        page = await context.new_page()
        await scene(page, homes)
        for width, scheme in VIEWS:
            await page.set_viewport_size({"width": width, "height": 800})
            await page.emulate_media(color_scheme=scheme)
            await _picture(page, folder / f"{name}-{width}-{scheme}.png")
        await context.close()


async def _closing(browser: Browser, home: str, folder: Path, number: int) -> None:
    """The form that closes a ticket, filled in, with the consequence of what it says."""
    context = await browser.new_context(viewport={"width": 1280, "height": 1600}, reduced_motion="reduce")
    page = await context.new_page()
    await enter(page, home)
    await page.goto(f"{home}/tickets/{number}")
    form = page.get_by_role("form", name="Cerrar ticket")
    await form.get_by_role("radio", name="Cerrado y facturado").check()
    await form.get_by_label("Causa").fill("El usuario cambió el formato de impresión.")
    await form.get_by_label("Solución").fill("Se restauró el formato FAC-02.")
    await form.get_by_label("Minutos").fill("75")
    await form.get_by_text("1 hora técnica por facturar").wait_for()
    _save(await form.screenshot(), folder / "closing.png")
    await context.close()


async def main(folder: Path, wanted: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as work:
        async with homes(Path(work)) as places, async_playwright() as playwright:
            environment = dict(os.environ, LANGUAGE="es")
            browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS, env=environment)
            shown, scenes = pages(places.known), SCENES
            if wanted:
                shown, scenes = ({name: one[name] for name in wanted if name in one} for one in (shown, scenes))
            await _walk(browser, places.filled, folder, shown)
            await _play(browser, places, folder, scenes)
            if "closing" in wanted:
                await _closing(browser, places.filled, folder, places.known.open_number)
            await browser.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
