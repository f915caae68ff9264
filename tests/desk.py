"""The driver of the stories: a whole desk on a database, spoken to over HTTP only."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import bindparam, exists, or_, select

from bot.client import certificates
from bot.roles import Parts, start_panel, start_poll, start_send, start_work
from bot.simulator import Simulator
from core import passwords
from core.actions import companies, desk, drafts, people, staff
from core.clock import now
from core.db import Database
from core.i18n import Translators
from core.messaging.store import FileStore
from core.models import (
    OPEN_DELIVERIES,
    Attachment,
    DeliveryState,
    FileState,
    InboxRow,
    InboxState,
    OutboxRow,
    Report,
    StatementOrder,
    Technician,
)
from core.render.office import Office
from core.rules.permissions import Role
from core.rules.services import Service
from core.settings import Settings, load
from tests.admin.browser import Browser
from tests.patience import PATIENCE

PASSWORD = "una frase larga"

# Asked dozens of times in a test, so put together once.
UNDER_WAY = select(
    or_(
        exists().where(InboxRow.state == InboxState.NEW, InboxRow.due_at <= bindparam("soon")),
        exists().where(OutboxRow.state.in_(OPEN_DELIVERIES), OutboxRow.due_at <= bindparam("soon")),
        exists().where(OutboxRow.state == DeliveryState.SENDING),
        exists().where(Attachment.state == FileState.PENDING, Attachment.due_at <= bindparam("soon")),
        exists().where(Report.pdf_sha256.is_(None)),
        exists().where(StatementOrder.done_at.is_(None)),
    )
)


@dataclass(frozen=True)
class Said:
    """A message as the customer sees it."""

    raw: dict[str, Any]

    @property
    def id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def buttons(self) -> list[str]:
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    @property
    def document(self) -> str | None:
        document = self.raw.get("document")
        return document["file_name"] if document else None


class Customer:
    """Somebody with a phone, played through the simulator."""

    def __init__(self, live: "LiveDesk", user_id: int, name: str, phone: str) -> None:
        self._live, self.id, self.name, self.phone = live, user_id, name, phone

    async def says(self, text: str, **more: Any) -> int:
        """Send a message and wait until the desk has dealt with it; its id."""
        message = await self._live.sim(f"/sim/chats/{self.id}/messages", {"text": text, **more})
        await self._live.settle()
        return int(message["message_id"])

    async def sends(self, name: str, content: bytes = b"hola", kind: str = "document", **more: Any) -> None:
        data = {"kind": kind, "filename": name, **{key: str(value) for key, value in more.items()}}
        await self._live.upload(f"/sim/chats/{self.id}/messages", data, (name, content))
        await self._live.settle()

    async def taps(self, label: str, *, on: Said | None = None) -> dict[str, Any]:
        """Press an inline button of the newest message that has it; what the tap was answered with."""
        wish = {"label": label} | ({"message_id": on.id} if on else {})
        tapped = await self._live.sim(f"/sim/chats/{self.id}/tap", wish)
        await self._live.settle()
        return await self._live.sim(f"/sim/callbacks/{tapped['callback_query_id']}")

    async def taps_data(self, data: str, *, on: Said | None = None) -> dict[str, Any]:
        """An old or forged button; what the tap was answered with."""
        wish = {"message_id": (on or await self.last()).id, "data": data}
        tapped = await self._live.sim(f"/sim/chats/{self.id}/tap", wish)
        await self._live.settle()
        return await self._live.sim(f"/sim/callbacks/{tapped['callback_query_id']}")

    async def presses(self, label: str) -> None:
        """Press a button of the reply keyboard."""
        await self._live.sim(f"/sim/chats/{self.id}/press", {"label": label})
        await self._live.settle()

    async def chat(self) -> dict[str, Any]:
        return await self._live.sim(f"/sim/chats/{self.id}")

    async def reads(self) -> list[Said]:
        """What the bot has said and not taken away again."""
        chat = await self.chat()
        return [Said(raw) for raw in chat["messages"] if raw["from_bot"] and not raw["deleted"]]

    async def last(self) -> Said:
        return (await self.reads())[-1]

    async def keyboard(self) -> list[str]:
        markup = (await self.chat())["reply_keyboard"] or {"keyboard": []}
        return [button["text"] for row in markup["keyboard"] for button in row]

    async def finds(self, words: str) -> Said:
        """The newest message with these words."""
        said = [message for message in await self.reads() if words in message.text]
        assert said, f"nobody said {words!r} to {self.name}: {[message.text for message in await self.reads()]}"
        return said[-1]

    async def logs_in(self, ruc: str, password: str) -> None:
        await self.says("/start")
        await self.says(ruc)
        await self.says(password)

    async def adds_company(self, ruc: str, password: str) -> None:
        """Another one for the same chat, without proof."""
        await self.says("Preferencias")
        await self.taps("Empresas")
        await self.taps("Agregar otra empresa")
        await self.says(ruc)
        await self.says(password)
        await self.taps("Continuar sin verificar")

    async def opens_ticket(self, subject: str, text: str = "No sale nada en la impresora.") -> int:
        """Through the whole conversation; the ticket's number."""
        await self.says("Nuevo ticket")
        await self.taps("Soporte Técnico")
        await self.taps("SaciJava")
        await self.says(subject)
        await self.says(text)
        await self.taps("No tengo adjuntos")
        await self.taps("Enviar")
        sent = await self.finds("Su ticket es el #")
        return int(re.findall(r"#(\d+)", sent.text)[0])

    async def bytes_of(self, said: Said) -> bytes:
        """The document of a message, as the phone downloads it."""
        return await self._live.download(said.raw["document"]["file_id"])


class Staff:
    """Somebody at the panel, with a browser."""

    def __init__(self, live: "LiveDesk", browser: Browser) -> None:
        self._live, self.browser = live, browser

    async def sees(self, number: int) -> str:
        await self.browser.opens(f"/tickets/{number}")
        return self.browser.text

    async def does(self, number: int, ending: str, **typed: Any) -> None:
        """Fill in a form of the ticket page; the page it leads to must be a good one."""
        await self.browser.opens(f"/tickets/{number}")
        await self.browser.sends(ending, **typed)
        assert self.browser.status == 200, self.browser.text
        await self._live.settle()

    async def replies(self, number: int, text: str, **more: Any) -> None:
        await self.does(number, "/reply", text=text, **more)

    async def closes(self, number: int, *, as_: str, minutes: int, cause: str = "Impresora apagada") -> None:
        await self.does(
            number, "/closure", closure=as_, cause=cause, solution="Se encendió la impresora.", minutes=str(minutes)
        )


class LiveDesk:
    """Simulator, database, roles and panel of one desk in this process."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.simulator = Simulator(data_file=None, token="1000000001:simulator", characters=())
        self.http = httpx.AsyncClient(timeout=30, verify=certificates())
        self.folder = folder
        self.panel_url = ""
        self.upload_url = ""  # where customers are told that the panel is
        self._people = 3000

    async def start(self, **changes: str) -> None:
        await self.simulator.start()
        self.settings = self._settings(changes)
        self.office = Office(
            name=self.settings.desk_name,
            translators=Translators(default="es", timezone="America/Guayaquil"),
            email="soporte@saci.example",
            upload_url=self.upload_url,
        )
        self.parts = self._new_parts()
        async with self.database.write() as session:
            await desk.claim(session, bot_id=self.settings.bot_id, is_demonstration=True)
        self.panel_url = await start_panel(self.parts)
        for start in (start_poll, start_work, start_send):
            await start(self.parts)

    def _settings(self, changes: dict[str, str]) -> Settings:
        values = {"DATA_DIR": str(self.folder), "PANEL_PORT": "0", "SEND_PER_SECOND": "100000"}
        values |= {"SEND_PER_CHAT": "100000/s burst 1000", "DESK_EMAIL": "soporte@saci.example"}
        return load(values | changes, env_file=None)

    def _new_parts(self) -> Parts:
        return Parts(
            settings=self.settings,
            database=self.database,
            office=self.office,
            store=FileStore(self.folder / "files"),
            telegram_url=self.simulator.url,
            smtp_url=self.simulator.smtp_url,
        )

    async def stop(self) -> None:
        for stop in self.parts.stops:
            stop()
        await asyncio.gather(*self.parts.loops)
        for end in reversed(self.parts.ends):
            await end()
        await self.http.aclose()
        await self.simulator.stop()

    async def sim(self, path: str, body: Any = None, method: str = "") -> Any:
        """Ask the simulator's control side."""
        method = method or ("GET" if body is None else "POST")
        answer = await self.http.request(method, f"{self.simulator.url}{path}", json=body)
        assert answer.status_code < 300, f"{path}: {answer.text}"
        return answer.json()

    async def upload(self, path: str, data: dict[str, str], file: tuple[str, bytes]) -> Any:
        answer = await self.http.post(f"{self.simulator.url}{path}", data=data, files={"file": file})
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def download(self, file_id: str) -> bytes:
        base = f"{self.simulator.url}/bot{self.simulator.token}"
        path = (await self.http.get(f"{base}/getFile", params={"file_id": file_id})).json()["result"]["file_path"]
        return (await self.http.get(f"{self.simulator.url}/file/bot{self.simulator.token}/{path}")).content

    async def mails(self) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = await self.sim("/sim/mails")
        return sorted(mails, key=lambda mail: mail["id"])

    async def settle(self) -> None:
        """Return when nothing is under way any more: no update, no delivery, no file, no report."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_quiet():  # noqa: ASYNC110 - quiet is a fact of two databases, nobody rings
                await asyncio.sleep(0.025)

    async def _is_quiet(self) -> bool:
        if self.simulator.pending_updates:
            return False
        soon = now() + timedelta(seconds=0.5)  # what is written while we look is due in a moment, not before it
        async with self.database.read() as session:
            return not await session.scalar(UNDER_WAY, {"soon": soon})

    async def company(
        self,
        ruc: str,
        name: str,
        *,
        password: str = "",
        phones: tuple[str, ...] = (),
        emails: tuple[str, ...] = ("pagos@empresa.example",),
        minutes: int | None = 600,
    ) -> None:
        async with self.database.write() as session:
            made = await companies.register(
                session,
                None,
                ruc=ruc,
                name=name,
                emails=emails,
                phones=phones,
                purchased_minutes=minutes,
            )
            if password:
                made.password_hash = await passwords.hash_password(password)

    async def has_tickets(self, customer: Customer, subjects: Sequence[str]) -> list[int]:
        """Tickets the customer opened some time ago, without playing each conversation; their numbers."""
        numbers = []
        for subject in subjects:
            async with self.database.write() as session:
                person = await session.scalar(people.by_telegram_id(customer.id))
                assert person is not None
                binding = await people.active_binding(session, person)
                assert binding is not None
                draft = await drafts.start(session, person)
                draft.service, draft.product, draft.subject = Service.SUPPORT, "SaciJava", subject
                draft.text, draft.files_settled = "No sale nada en la impresora.", True
                ticket = await drafts.send(session, person, binding, draft, office=self.office)
                numbers.append(ticket.number)
        await self.settle()
        return numbers

    async def customer(self, name: str, phone: str) -> Customer:
        self._people += 1
        await self.sim("/sim/people", {"id": self._people, "first_name": name, "phone": phone})
        return Customer(self, self._people, name, phone)

    async def employs(
        self, username: str, name: str, role: Role = Role.TECHNICIAN, *, is_development: bool = False
    ) -> None:
        """Somebody new at the desk, who has not logged in yet."""
        async with self.database.write() as session:
            await staff.add_technician(
                session,
                username=username,
                name=name,
                role=role,
                password_hash=await passwords.hash_password(PASSWORD),
                is_development=is_development,
            )

    @asynccontextmanager
    async def employee(
        self, username: str, name: str, role: Role = Role.TECHNICIAN, *, is_development: bool = False
    ) -> AsyncIterator[Staff]:
        await self.employs(username, name, role, is_development=is_development)
        async with httpx.AsyncClient(base_url=self.panel_url, timeout=30, verify=certificates()) as client:
            browser = Browser(client)
            await browser.log_in(username, PASSWORD)
            assert browser.status == 200, browser.text
            yield Staff(self, browser)

    async def technician_id(self, username: str) -> int:
        async with self.database.read() as session:
            found = await session.scalar(select(Technician.id).where(Technician.username == username))
        assert found is not None
        return found


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
