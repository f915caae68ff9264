"""The channel for mail: one SMTP conversation per row, and what each way of failing means."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from core.clock import now
from core.failpoints import failpoint_async
from core.messaging import letterhead
from core.messaging.channel import Delivery, DeliveryError
from core.messaging.mime import Attached, Letter, address, compose
from core.messaging.store import FileStore
from core.rules.retries import Outcome

COMMAND_SECONDS = 20.0
DATA_SECONDS = 90.0  # a server may look for viruses before it answers
CONNECTIONS = 4  # mail servers count the connections of one client

_DEFAULT_PORTS: Mapping[str, int] = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_AUTHENTICATION_WANTED = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and how."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read ``smtp://``, ``smtps://`` or ``smtp+starttls://user:password@host:port``, percent-encoded.

        Raises ValueError, without the URL in it: it may hold a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("expected smtp://, smtps:// or smtp+starttls://user:password@host:port")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or _DEFAULT_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class EmailChannel:
    """Sends mail. A payload is ``{"to": [address, …], "subject", "text", "html", "attachments": [file, …]}``,
    a file ``{"sha256" or "report_id", "name", "media_type"}``; it may have ``"reply_to"``, and ``"inline"``
    pictures: files with the ``"id"`` the HTML names them with.

    One address per row is best: where one of several is refused, nobody gets the mail at the first try, and
    at the second (``as_plain``) those who are not refused. A copy has the Message-ID of its original.
    """

    def __init__(
        self,
        smtp_url: str,
        mail_from: str,
        store: FileStore,
        reply_to: str = "",
        *,
        report_sha256: Callable[[int], Awaitable[str]],
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = MailServer.parse(smtp_url)
        self._sender = address(mail_from)
        self._reply_to = address(reply_to) if reply_to else None
        self._store = store
        self._report_sha256 = report_sha256
        self._tls_context = tls_context
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def send(self, delivery: Delivery) -> str:
        """Hand the mail in; returns its Message-ID. Raises DeliveryError."""
        letter = await self._letter(delivery)
        try:
            content = await asyncio.to_thread(compose, letter)
        except (ValueError, LookupError) as error:
            raise DeliveryError(Outcome.BAD_CONTENT, str(error)) from None
        async with self._conversation() as smtp:
            await self._envelope(smtp, letter.to, size=len(content), leave_out_refused=delivery.as_plain)
            with self._meaning(Outcome.DOUBTFUL):
                await smtp.data(content, timeout=DATA_SECONDS)
            await failpoint_async("mail.after_data")
        return letter.message_id

    async def probe(self) -> None:
        async with self._conversation() as smtp:
            with self._meaning(Outcome.NOT_SENT):
                await smtp.noop()

    async def _letter(self, delivery: Delivery) -> Letter:
        payload = delivery.payload
        try:
            to = [address(text) for text in dict.fromkeys(payload["to"])]
            reply_to = address(payload["reply_to"]) if payload.get("reply_to") else self._reply_to
        except ValueError as error:
            raise DeliveryError(Outcome.BAD_CONTENT, str(error)) from None
        if not to:
            raise DeliveryError(Outcome.BAD_CONTENT, "the mail is for nobody")
        return Letter(
            message_id=f"<{_name(delivery)}@{self._sender.domain}>",
            sender=self._sender,
            to=to,
            reply_to=reply_to,
            at=now(),
            subject=payload["subject"],
            text=payload["text"],
            html="" if delivery.as_plain else payload.get("html", ""),
            files=[await self._file(file) for file in payload.get("attachments", ())],
            inline=await self._inline(payload),
        )

    async def _inline(self, payload: Mapping[str, Any]) -> Mapping[str, Attached]:
        """A mail goes out without a picture that is lost: its words stand beside it."""
        found = {}
        for file in payload.get("inline", ()):
            content = await letterhead.picture(self._store, file["sha256"])
            if content is not None:
                found[file["id"]] = Attached(file["name"], file["media_type"], content)
        return found

    async def _file(self, file: Mapping[str, Any]) -> Attached:
        try:
            sha256 = file.get("sha256") or await self._report_sha256(file["report_id"])
            content = await self._store.read(sha256)
        except (FileNotFoundError, LookupError):
            raise DeliveryError(Outcome.BAD_CONTENT, "the attached file is not in the store") from None
        except Exception as error:
            # database or disk: nothing was sent, and it is no fault of the mail
            raise DeliveryError(Outcome.NOT_SENT, f"the attached file cannot be read: {error!r}") from error
        return Attached(file["name"], file["media_type"], content)

    @contextlib.asynccontextmanager
    async def _conversation(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._sender.domain,
            timeout=COMMAND_SECONDS,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            tls_context=self._tls_context,
        )
        async with self._places:
            with self._meaning(Outcome.NOT_SENT, refused=Outcome.NOT_SENT):
                await smtp.connect()
            try:
                await self._greet(smtp)
                if server.user:
                    await self._log_in(smtp)
                yield smtp
            finally:
                await _leave(smtp)

    async def _greet(self, smtp: aiosmtplib.SMTP) -> None:
        with self._meaning(Outcome.NOT_SENT, refused=Outcome.NOT_SENT):
            if smtp.is_ehlo_or_helo_needed:  # STARTTLS has greeted already
                await smtp.ehlo()

    async def _log_in(self, smtp: aiosmtplib.SMTP) -> None:
        with self._meaning(Outcome.NOT_SENT, refused=Outcome.TOKEN):
            if not smtp.supported_auth_methods:
                raise DeliveryError(Outcome.TOKEN, "the server takes no log-in over this connection")
            await smtp.login(self._server.user, self._server.password)

    async def _envelope(
        self, smtp: aiosmtplib.SMTP, to: Sequence[Address], *, size: int, leave_out_refused: bool
    ) -> None:
        refused: list[SMTPResponseException] = []
        with self._meaning(Outcome.NOT_SENT):
            options = [f"SIZE={size}"] if smtp.supports_extension("size") else []
            await smtp.mail(self._sender.addr_spec, options=options)
            for recipient in to:
                try:
                    await smtp.rcpt(recipient.addr_spec)
                except SMTPResponseException as error:
                    if error.code < 500:
                        raise
                    refused.append(error)
            if refused and (len(refused) == len(to) or not leave_out_refused):
                raise refused[0]

    @contextlib.contextmanager
    def _meaning(self, lost: Outcome, *, refused: Outcome = Outcome.BAD_CONTENT) -> Iterator[None]:
        """Turn SMTP's errors into outcomes: ``lost`` when no answer came, ``refused`` for a 5xx."""
        try:
            yield
        except SMTPResponseException as error:
            raise DeliveryError(_outcome(error.code, lost, refused=refused), self._detail(error)) from None
        except (SMTPException, OSError) as error:
            raise DeliveryError(lost, self._detail(error)) from None
        except ValueError as error:
            raise DeliveryError(Outcome.BAD_CONTENT, self._detail(error)) from None

    def _detail(self, error: Exception) -> str:
        """One line for the panel and the log; servers have been seen to repeat what they were told."""
        answer = error.message if isinstance(error, SMTPException) else str(error)
        code = f"{error.code} " if isinstance(error, SMTPResponseException) else ""
        text = " ".join(f"{code}{answer or type(error).__name__}".split())[:300]
        return text.replace(self._server.password, "***") if self._server.password else text


def _name(delivery: Delivery) -> str:
    """The same however often the row is tried; receivers drop a second mail of one name without a word."""
    return f"ventanilla-{delivery.id}-{delivery.created_at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def _outcome(code: int, lost: Outcome, *, refused: Outcome) -> Outcome:
    if code in _AUTHENTICATION_WANTED:
        return Outcome.TOKEN
    if 400 <= code < 500:
        return Outcome.NOT_SENT
    return refused if 500 <= code < 600 else lost


async def _leave(smtp: aiosmtplib.SMTP) -> None:
    """Say good-bye; what was agreed before stands, whatever the answer."""
    with contextlib.suppress(SMTPException, OSError):
        if smtp.is_connected:
            await smtp.quit(timeout=2)
    smtp.close()
