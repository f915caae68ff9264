"""Pages no address alone leads to: a log-in halfway, what is refused, what is shown once, a desk without anything."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pyotp
from playwright.async_api import FilePayload, Page
from starlette.requests import Request
from starlette.routing import Route

from admin.app import create_app
from admin.errors import ScannerAwayError
from bot.serving import Serving
from core.clock import now
from core.db import Database
from core.errors import ConflictError, ForbiddenError, NotFoundError, TooOftenError
from core.i18n import Translators
from core.messaging.store import FileStore
from core.render.office import Office
from core.rules.permissions import Role
from tests import databases
from tests.admin.browser import PASSWORD
from tests.admin.desk import Desk
from tests.admin.filled import Filled, fill
from tests.render.snapshots import a_logo

FAILURES: Mapping[int, Exception] = {
    403: ForbiddenError(),
    404: NotFoundError(),
    409: ConflictError(),
    429: TooOftenError(timedelta(minutes=4)),
    500: RuntimeError("on purpose"),
    503: ScannerAwayError(),
}


@dataclass(frozen=True)
class Homes:
    """Where three panels are served: of a filled desk, of the same with a second factor required, of an empty one."""

    filled: str
    strict: str
    empty: str
    known: Filled


@asynccontextmanager
async def homes(work: Path) -> AsyncIterator[Homes]:
    async with AsyncExitStack() as stack:
        full, bare = [await _desk(stack, work) for _ in range(2)]
        known = await fill(full)
        for username in ("nora", "olga", "rosa"):
            await full.employ(username)
        await bare.employ("tom", Role.ADMINISTRATOR)
        await bare.registers()
        filled, strict = await _serve(stack, full, work), await _serve(stack, full, work, second_factor=True)
        yield Homes(filled, strict, await _serve(stack, bare, work), known)


async def _desk(stack: AsyncExitStack, work: Path) -> Desk:
    database = Database(await databases.fresh_url("sqlite", work))
    stack.push_async_callback(database.close)
    office = Office(
        name="SACI Soporte",
        translators=Translators(default="es", timezone="America/Guayaquil"),
        panel_url="http://127.0.0.1",
    )
    return Desk(database, office)


async def _serve(stack: AsyncExitStack, desk: Desk, work: Path, **more: bool) -> str:
    store, failing = FileStore(work / "files"), [Route("/failures/{code:int}", _fail)]
    app = create_app(
        database=desk.database, office=desk.office, store=store, secret=b"k" * 32, https=False, mounts=failing, **more
    )
    serving = Serving(app, "127.0.0.1", 0)
    serving.open()
    stack.push_async_callback(serving.close)
    stack.push_async_callback(app.state.live.close)
    return serving.url


def _fail(request: Request) -> NoReturn:
    raise FAILURES[request.path_params["code"]]


Scene = Callable[[Page, Homes], Awaitable[None]]


async def enter(page: Page, home: str, *, username: str = "tom", password: str = PASSWORD, path: str = "/") -> None:
    """Log in and come to where that leads: to the page that was asked for, or to the second factor."""
    await page.goto(f"{home}{path}")
    await page.get_by_label("Usuario").fill(username)
    await page.get_by_label("Contraseña").fill(password)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _refused(page: Page, homes: Homes) -> None:
    await enter(page, homes.filled, password="otra")


async def _first_factor(page: Page, homes: Homes) -> None:
    await enter(page, homes.strict, username="olga")


async def _codes(page: Page, homes: Homes, *, username: str = "nora") -> None:
    await enter(page, homes.filled, username=username, path="/account/second-factor")
    key = re.search(r"<code>([A-Z2-7]{32})</code>", await page.content())
    assert key is not None
    await page.get_by_label("Código").fill(pyotp.TOTP(key[1]).at(now()))
    await page.get_by_label("Su contraseña").fill(PASSWORD)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _code(page: Page, homes: Homes) -> None:
    await _codes(page, homes, username="rosa")
    await page.context.clear_cookies()
    await enter(page, homes.filled, username="rosa")


async def _token(page: Page, homes: Homes) -> None:
    await enter(page, homes.filled, path="/account")
    await page.get_by_label("Para qué es la clave").fill("Facturador")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _account(page: Page, homes: Homes) -> None:
    """With a second session and a token that was made."""
    await _token(page, homes)
    await page.context.clear_cookies()
    await enter(page, homes.filled, path="/account")


async def _shown_once(page: Page, homes: Homes, *, path: str, button: str, typed: Mapping[str, str]) -> None:
    """What a form of the filled desk answers with: a link or a secret that no other page has."""
    await enter(page, homes.filled, path=path)
    for label, words in typed.items():
        await page.get_by_label(label, exact=True).fill(words)
    async with page.expect_navigation():
        await page.get_by_role("button", name=button, exact=True).click()


async def _invitation(page: Page, homes: Homes) -> None:
    path = f"/companies/{homes.known.company.ruc}"
    await _shown_once(page, homes, path=path, button="Hacer una invitación", typed={})


async def _set_up(page: Page, homes: Homes) -> None:
    """The page of the link, as the technician opens it."""
    path = f"/technicians/{homes.known.technician.id}"
    await _shown_once(page, homes, path=path, button="Crear enlace de acceso", typed={})
    link = await page.locator(".link").inner_text()
    await page.context.clear_cookies()
    await page.goto(homes.filled + urlsplit(link).path)


async def _spent(page: Page, homes: Homes, *, path: str) -> None:
    await page.goto(f"{homes.filled}{path}")


async def _over(page: Page, homes: Homes) -> None:
    await enter(page, homes.filled, path=f"/tickets/{homes.known.open_number}")
    await page.get_by_role("textbox", name="Nota interna").fill("Llamar mañana a primera hora.")
    await page.context.clear_cookies()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Guardar nota").click()


async def _part(page: Page, homes: Homes, *, selector: str) -> None:
    """A ticket with this part of it unfolded and in sight."""
    await enter(page, homes.filled, path=f"/tickets/{homes.known.open_number}")
    part = page.locator(selector).last
    await part.evaluate("part => { part.open = true; part.scrollIntoView({ block: 'center' }); }")


async def _failure(page: Page, homes: Homes, *, code: int) -> None:
    await page.goto(f"{homes.filled}/failures/{code}")


async def _empty(page: Page, homes: Homes, *, path: str) -> None:
    await enter(page, homes.empty, path=path)


async def _logo(page: Page, homes: Homes) -> None:
    """The desk gives itself a logo: from here on it stands in every head."""
    await enter(page, homes.empty, path="/settings/desk")
    file = FilePayload(name="logo.png", mimeType="image/png", buffer=a_logo())
    await page.get_by_label("Imagen del logotipo").set_input_files(file)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Usar este logotipo").click()


async def _login_with_logo(page: Page, homes: Homes) -> None:
    await _logo(page, homes)
    await page.context.clear_cookies()
    await page.goto(f"{homes.empty}/login")


SCENES: Mapping[str, Scene] = {
    "login-refused": _refused,
    "login-factor": _first_factor,
    "login-code": _code,
    "account-codes": _codes,
    "account-token": _token,
    "account": _account,
    "session-over": _over,
    "invitation": _invitation,
    "technician-link": partial(
        _shown_once,
        path="/technicians",
        button="Agregar técnico",
        typed={"Usuario": "sofia", "Nombre": "Sofía Almeida"},
    ),
    "setup": _set_up,
    "setup-spent": partial(_spent, path="/setup/spent"),
    "telegram-link": partial(_shown_once, path="/account/telegram", button="Crear un enlace", typed={}),
    "webhook-secret": partial(
        _shown_once,
        path="/settings/webhooks",
        button="Agregar webhook",
        typed={"Dirección": "https://erp.example.org/facturas"},
    ),
    "upload-gone": partial(_spent, path="/upload/spent"),
    "ticket-retract": partial(_part, selector=".retract"),
    "ticket-merge": partial(_part, selector="#merge-form"),
    **{f"error-{code}": partial(_failure, code=code) for code in FAILURES},
    "empty-queue": partial(_empty, path="/"),
    "empty-search": partial(_empty, path="/?q=nada"),
    "empty-companies": partial(_empty, path="/companies?q=nada"),
    "empty-company": partial(_empty, path="/companies/0992345678001"),
    "empty-billing": partial(_empty, path="/billing"),
    "empty-reports": partial(_empty, path="/reports"),
    "empty-deliveries": partial(_empty, path="/deliveries"),
    "empty-health": partial(_empty, path="/health"),
    "empty-audit": partial(_empty, path="/audit?q=nada"),
    "empty-canned": partial(_empty, path="/settings/canned"),
    "empty-webhooks": partial(_empty, path="/settings/webhooks"),
    "settings-logo": _logo,
    "login-logo": _login_with_logo,
}
