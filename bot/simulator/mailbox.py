"""The mailbox: a real SMTP server that keeps every mail, and refuses some on request."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.simulator.changes import Feed, Signal
from bot.simulator.errors import ControlError
from bot.simulator.store import Store

MAIL_LIMIT = 40 * 1024 * 1024
REFUSALS = {
    "421": "421 4.3.2 Service shutting down",
    "450": "450 4.2.1 Mailbox temporarily unavailable",
    "550": "550 5.1.1 No such user here",
}
MAIL_FAULTS = frozenset({*REFUSALS, "drop_after_data"})


@dataclass
class Mail:
    id: int
    at: float
    mail_from: str
    rcpt_to: list[str]
    subject: str
    message_id: str
    headers: list[list[str]]
    text: str
    html: str
    content_key: str
    attachments: list[dict[str, Any]] = field(default_factory=list)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


class Mailbox:
    """The mails that arrived, oldest first, and the troubles ordered for the next ones."""

    def __init__(self, store: Store, feed: Feed, now: Callable[[], float]) -> None:
        self._store = store
        self._feed = feed
        self._now = now
        self.mails: dict[int, Mail] = {}
        self.arrived = Signal()
        self._faults: list[str] = []
        self._n = 0

    def load(self) -> None:
        rows = sorted(self._store.load("mail"), key=lambda item: int(item[0]))
        self.mails = {int(key): Mail(**row) for key, row in rows}
        self._n = max(self.mails, default=0)

    def add_fault(self, kind: str, times: int) -> None:
        if kind not in MAIL_FAULTS:
            raise ControlError(400, f"No hay una falla de correo de la clase {kind!r}.")
        self._faults.extend([kind] * times)

    def next_fault(self) -> str | None:
        return self._faults.pop(0) if self._faults else None

    def clear(self) -> None:
        for mail_id in self.mails:
            self._store.forget("mail", str(mail_id))
        self.mails.clear()
        self._faults.clear()
        self._feed.publish({"kind": "mail"})

    def accept(self, envelope: Envelope) -> Mail:
        raw = envelope.original_content or b""
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self._n += 1
        key = f"mail-{self._n}"
        self._store.keep_bytes(key, raw)
        mail = Mail(
            self._n,
            self._now(),
            envelope.mail_from or "",
            list(envelope.rcpt_tos),
            str(message.get("subject", "")),
            str(message.get("message-id", "")).strip(),
            [[name, str(value)] for name, value in message.items()],
            body_of(message, "plain"),
            body_of(message, "html"),
            key,
            [facts for facts, _ in attachments_of(message)],
        )
        self.mails[mail.id] = mail
        self._store.mark("mail", str(mail.id), mail.as_row)
        self.arrived.fire()
        self._feed.publish({"kind": "mail", "id": mail.id})
        return mail

    async def shown(self, mail: Mail) -> str:
        """The HTML of a mail with the pictures it brought inside it, as a mail program shows them."""
        raw = await self._store.read_bytes(mail.content_key) or b""
        message = message_from_bytes(raw, policy=policy.default)
        html = mail.html
        for part in message.walk():
            name, content = str(part.get("content-id", "")).strip(" <>"), part.get_payload(decode=True)
            if name and isinstance(content, bytes):
                data = f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
                html = html.replace(f"cid:{name}", data)
        return html

    async def attachment(self, mail: Mail, n: int) -> tuple[dict[str, Any], bytes] | None:
        raw = await self._store.read_bytes(mail.content_key) or b""
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        parts = attachments_of(message)
        return parts[n] if 0 <= n < len(parts) else None


def body_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def attachments_of(message: EmailMessage) -> list[tuple[dict[str, Any], bytes]]:
    parts = []
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else part.as_bytes()
        facts = {
            "name": part.get_filename() or "adjunto",
            "content_type": part.get_content_type(),
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        parts.append((facts, data))
    return parts


class MailHandler:
    """What the SMTP server asks; the names are the ones aiosmtpd looks for."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self._mailbox.next_fault()
        if fault in REFUSALS:
            if fault == "421":
                asyncio.get_running_loop().call_later(0.05, hang_up, server)
            return REFUSALS[fault]
        self._mailbox.accept(envelope)
        if fault == "drop_after_data":
            hang_up(server)
        return "250 OK"


def hang_up(connection: SMTP) -> None:
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


class MailServer:
    """The listening side: tracks its connections so that stopping is prompt."""

    def __init__(self, mailbox: Mailbox, host: str, port: int) -> None:
        self._mailbox = mailbox
        self._host = host
        self._asked_port = port
        self._server: asyncio.Server | None = None
        self._open: set[SMTP] = set()
        self.port = 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._host, self._asked_port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _connection(self) -> SMTP:
        loop = asyncio.get_running_loop()
        connection = SMTP(
            MailHandler(self._mailbox),
            hostname="simulador.local",
            loop=loop,
            data_size_limit=MAIL_LIMIT,
            enable_SMTPUTF8=True,
        )
        self._open = {known for known in self._open if known.transport is not None}
        self._open.add(connection)
        return connection

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in self._open:
            hang_up(connection)
        await self._server.wait_closed()
