"""A desk worth keeping: tickets, files, closings, and pushes that wait."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.actions import closing, tickets
from core.actions.writing import NewFile
from core.backup import making, restoring
from core.backup.making import Made
from core.backup.restoring import Restored
from core.backup.workroom import Course
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.keys import secret_key
from core.messaging import inbox, reports
from core.messaging.inbox import Incoming
from core.messaging.store import FileStore
from core.messaging.vault import Vault
from core.models import Technician, Ticket
from core.queries.tickets import by_number
from core.render.office import Office
from core.rules.closures import Closure, ClosureRequest
from core.settings import Settings, load
from tests import databases
from tests.admin.desk import Desk
from tests.messaging.wire import ADA

CONTENTS = (b"factura", b"captura" * 100_000)
BOT = 1000000001


@dataclass
class Place:
    """A folder, a database and the settings that name them; ``given`` are further settings."""

    folder: Path
    url: str
    given: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return load({"DATA_DIR": str(self.folder), "DATABASE_URL": self.url, **self.given}, env_file=None)

    @property
    def store(self) -> FileStore:
        return FileStore(self.settings.files_dir)

    async def backs_up(self, target: Path, **how: bool) -> Made:
        database = Database(self.url)
        try:
            return await making.make(database, self.settings, target, course=Course(), **how)
        finally:
            await database.close()

    async def restores(self, source: Path, *, force: bool = False) -> Restored:
        database = Database(self.url)
        try:
            return await restoring.restore(database, self.settings, source, course=Course(), force=force)
        finally:
            await database.close()


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    """Where the desk is."""
    (tmp_path / "data").mkdir()
    return Place(tmp_path / "data", database_url)


@pytest.fixture
async def elsewhere(backend: str, tmp_path: Path) -> AsyncIterator[Place]:
    """A place with nothing in it."""
    (tmp_path / "elsewhere").mkdir()
    url = await databases.blank_url(backend, tmp_path / "elsewhere")
    yield Place(tmp_path / "elsewhere", url)
    await databases.drop(url)


@pytest.fixture
def office() -> Office:
    return Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"))


@dataclass
class Life:
    """What happened at the desk; ``files`` are the hashes of what people sent."""

    database: Database
    ticket: Ticket
    files: list[str]
    answers: Callable[[str], object]


@pytest.fixture
async def life(database: Database, place: Place, office: Office) -> Life:
    """Ada has an open ticket with two files and a closed one with its report; nothing of it is sent yet."""
    desk = Desk(database, office)
    tom = await desk.employ("tom")
    company = await desk.registers(emails=["ada@ferreteria.ec"])
    ada = await desk.greets(company, chat=ADA)
    is_open, closed = await desk.receives(company, ada), await desk.receives(company, ada, "Otro asunto")
    place.settings.files_dir.mkdir()
    stored = [await place.store.receive(_sent(content), cap=1 << 20) for content in CONTENTS]

    async def answers(text: str, files: tuple[NewFile, ...] = ()) -> None:
        async with database.write() as session:
            actor = await session.get_one(Technician, tom.id)
            ticket = await by_number(session, is_open.number)
            await tickets.reply(session, actor, ticket, text=text, office=office, files=files)

    await answers("Aquí van.", tuple(NewFile(f"{file.size}.bin", file) for file in stored))
    async with database.write() as session:
        request = ClosureRequest(Closure.WARRANTY, "Falla", "Corregida", 4)
        actor = await session.get_one(Technician, tom.id)
        await closing.close(session, actor, await by_number(session, closed.number), request, office=office)
    await reports.draw_pending(database, place.store, office.t)
    await writes(database, place.settings, 7, b'{"text": "hola"}')
    async with database.write() as session:
        (first,) = await inbox.heads(session, now=now(), limit=1)
        await inbox.finish(session, [first])
    return Life(database, is_open, [file.sha256 for file in stored], answers)


async def _sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def writes(database: Database, settings: Settings, update_id: int, raw: bytes) -> None:
    """An update comes in and waits."""
    async with database.write() as session:
        await inbox.accept(
            session,
            [Incoming(update_id, str(ADA), raw)],
            bot_id=BOT,
            vault=Vault(secret_key(settings)),
            now=now(),
        )
