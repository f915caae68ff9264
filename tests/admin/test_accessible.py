"""axe looks at every page of a filled desk, on a screen and on a phone, light and dark, and finds nothing."""

from pathlib import Path

import axe_playwright_python
from playwright.async_api import Browser, BrowserContext, Page

from tests.admin.filled import addresses
from tests.admin.scenes import SCENES, enter, homes
from tests.browser.conftest import browser

__all__ = ["browser"]  # a fixture of the neighbours

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {"target-size": {"enabled": True}}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# axe reads each colour of each element anew, a third of its time: the same words are the same colour
REMEMBER = """() => {
  const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    if (!known.has(text)) {
      const { r, g, b, alpha } = read.call(this, text);
      known.set(text, { r, g, b, alpha });
    }
    return Object.assign(this, known.get(text));
  };
}"""
LOOK = """async ([within, options]) => {
  const { violations } = await axe.run(within ?? document, { ...options, resultTypes: ["violations"] });
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} ${node.target} ${node.failureSummary}`));
}"""
UNFOLD = "folded => { for (const part of document.querySelectorAll(folded)) part.open = true; }"


async def found(page: Page, *, within: str | None = None, folded: str = "main details") -> list[str]:
    """What axe has against the page, as it comes and unfolded; in the dark only its colours differ."""
    await page.evaluate(AXE)
    await page.evaluate(REMEMBER)
    wrong = []
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        for scheme, options in (("light", ALL), ("dark", COLOURS)):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{width} {scheme}: {line}" for line in await page.evaluate(LOOK, [within, options])]
            await page.evaluate(UNFOLD, folded)
    return wrong


async def look_at_all(context: BrowserContext, home: str, paths: list[str]) -> list[str]:
    page = await context.new_page()
    wrong = []
    for path in paths:
        answer = await context.request.get(f"{home}{path}", max_redirects=0)
        if answer.headers.get("content-type", "").startswith("text/html"):
            await page.goto(f"{home}{path}")
            wrong += [f"{path} {line}" for line in await found(page)]
    return wrong


async def test_no_page_shuts_anybody_out(browser: Browser, tmp_path: Path):
    async with homes(tmp_path) as places:
        known = places.known
        more = ["/?q=factura", "/?q=nada%20de%20esto", "/?owner=mine", f"/tickets/{known.closed_number}", "/nothing"]
        inside = await browser.new_context()
        page = await inside.new_page()
        await enter(page, places.filled)
        assert await found(page, within=".bar", folded=".menu") == []
        paths = sorted({*addresses(known).values(), *more})
        assert "\n".join(await look_at_all(inside, places.filled, paths)) == ""
        assert await look_at_all(await browser.new_context(), places.filled, ["/login"]) == []


async def test_nor_does_what_is_refused_or_shown_once_or_a_desk_without_anything(browser: Browser, tmp_path: Path):
    async with homes(tmp_path) as places:
        wrong = []
        for name, scene in SCENES.items():
            context = await browser.new_context()
            page = await context.new_page()
            await scene(page, places)
            wrong += [f"{name} {line}" for line in await found(page)]
            await context.close()
        assert "\n".join(wrong) == ""
