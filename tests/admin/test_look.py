"""How the panel looks: icons and rules that are there and used, and a bar that is one row on every screen."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from jinja2 import nodes
from playwright.async_api import Browser, expect

from admin.menu import DAILY, SELDOM
from admin.routes import PAGES
from admin.sheets import PARTS, STATIC
from admin.templating import TEMPLATES, environment, static_address
from core.i18n import LANGUAGES
from core.models import ArticleKind, DeliveryState
from core.rules.alarms import Level
from core.rules.permissions import Role
from core.rules.states import State
from tests.admin.test_in_chromium import address, backend, log_in
from tests.browser.conftest import browser
from tests.render.test_logos import picture

__all__ = ["address", "backend", "browser"]  # fixtures of the neighbours

MADE_OF = {*State, *DeliveryState, *ArticleKind, *Level, *"1234"}  # what a name of a class may end with
CLASSES = re.compile(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"')
GIVEN = re.compile(r"""icon\([^,()]*, "([^"]*)"|\bclass="([^"]*)"|block width %\}([^{]*)""")
SET = re.compile(r'(?:classList\.\w+\(|className(?: =|:) )"([^"]*)"')


def _names(node: nodes.Node, said: Mapping[str, nodes.Node]) -> set[str]:
    """The words an expression may become; of a table its values, of a condition its branches."""
    match node:
        case nodes.Const():
            return {node.value} if isinstance(node.value, str) else set()
        case nodes.Name():
            return _names(said[node.name], said) if node.name in said else set()
        case nodes.Call(node=nodes.Name(name="t")):
            return set()
        case nodes.CondExpr():
            parts = [node.expr1, *([node.expr2] if node.expr2 else [])]
        case nodes.Pair():
            parts = [node.value]
        case _:
            parts = list(node.iter_child_nodes())
    return {name for part in parts for name in _names(part, said)}


def _shown(template: Path) -> set[str]:
    """The icons a template asks for."""
    tree = environment(LANGUAGES[0]).parse(template.read_text(encoding="utf-8"))
    said = {name.name: one.node for one in tree.find_all(nodes.Assign) for name in _targets(one.target)}
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)]
    return {name for call in calls if call.node.name in {"icon", "empty"} for name in _names(call.args[0], said)}


def _targets(target: nodes.Expr) -> list[nodes.Name]:
    return [target] if isinstance(target, nodes.Name) else list(target.find_all(nodes.Name))


def test_the_sheet_of_icons_has_what_pages_show_and_no_more():
    there = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    shown = {name for path in TEMPLATES.rglob("*.html") for name in _shown(path)}
    assert shown | {place.icon for place in (*DAILY, *SELDOM)} == there
    assert "ISC License" in (STATIC / "icons.LICENSE.txt").read_text(encoding="utf-8")


def test_no_rule_is_for_a_class_or_a_value_that_nobody_uses():
    sheets = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.css"))
    sheets = re.sub(r"/\*.*?\*/", "", sheets, flags=re.DOTALL)
    ruled = set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", sheets)))
    pages = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    worn = " ".join(
        (*CLASSES.findall(pages), *("".join(found) for found in GIVEN.findall(pages)), *SET.findall(scripts))
    )
    used = set(re.findall(r"[\w-]+", worn)) | {
        start + end for start in re.findall(r"([\w-]+-)\{\{", worn) for end in MADE_OF
    }
    assert sorted(ruled - used) == []
    assert sorted(name for name in re.findall(r"(--[\w-]+):", sheets) if f"var({name})" not in sheets) == []


async def test_a_page_waits_for_one_sheet_that_has_all_of_them(stranger):
    await stranger.opens("/login")
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', stranger.answer.text) == [static_address("all.css")]
    sheet = await stranger.opens(static_address("all.css"))
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert {path.name for path in STATIC.glob("*.css")} == set(PARTS)
    assert sheet.text == "".join((STATIC / name).read_text(encoding="utf-8") for name in PARTS)


def test_the_menu_asks_for_what_its_pages_ask_for():
    needed = {page.path: page.needs for page in PAGES if page.method == "GET"}
    assert [place.path for place in (*DAILY, *SELDOM) if needed[place.path] is not place.needs] == []


@pytest.mark.parametrize("logo", [(), (480, 140), (90, 90)])
@pytest.mark.parametrize("width", [360, 1088, 1280])
async def test_the_bar_is_one_row_and_its_menu_needs_no_script(browser: Browser, address, desk, store, width, logo):
    boss = await desk.employ("tom", Role.ADMINISTRATOR)
    if logo:
        name = "Centro de Soporte de la Distribuidora Hermanos Vintimilla"
        await desk.calls_itself(name, by=boss, logo=(await store.put(picture(size=logo))).sha256, size=logo)
    context = await browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = await log_in(context, address)
    bar = await page.locator("header.bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 60
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    icon = page.locator("header .find svg use")
    box = await icon.evaluate("use => use.getBBox().width")
    assert box > 0, "the sheet of icons is let in by the policy of the page"
    await page.locator(".menu summary").click()
    await page.get_by_role("link", name="Ajustes").click()
    await expect(page).to_have_url(f"{address}/settings")
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="Salir").click()
    await expect(page.get_by_label("Usuario")).to_be_visible()
