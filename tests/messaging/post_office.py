"""A real SMTP server for tests: keeps what it takes, and answers as badly as it is told to."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.clock import now


@dataclass
class PostOffice:
    """``answers``: what to say to a command (``MAIL``, ``DATA``) or to a recipient instead of taking it.

    ``hang_up``: the line goes dead right after that command was read. ``opens``: no mail is taken until then.
    """

    answers: dict[str, str] = field(default_factory=dict)
    hang_up: str = ""
    opens: asyncio.Event | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        return self._answer("MAIL", server) or self._note(envelope, address)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answer(address, server)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer("DATA", server)
        if answer:
            return answer
        if self.opens is not None:
            await self.opens.wait()
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.envelopes.append(envelope)
        if self.hang_up == "after DATA":
            server.transport.abort()
        return "250 OK"

    async def handle_NOOP(self, server: SMTP, session: Session, envelope: Envelope, arg: str) -> str:
        return self._answer("NOOP", server) or "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.login == b"ventanilla" and data.password == b"p@ss/w:rd"
        return AuthResult(success=is_right, handled=False)

    def _note(self, envelope: Envelope, address: str) -> str:
        envelope.mail_from = address
        return "250 OK"

    def _answer(self, command: str, server: SMTP) -> str:
        self.commands.append(command)
        if self.hang_up == command:
            server.transport.abort()
        return self.answers.get(command, "")


async def open_office(
    office: PostOffice, *, tls: ssl.SSLContext | None = None, is_wrapped: bool = False, wants_login: bool = False
) -> asyncio.Server:
    """Listen on any free port; ``is_wrapped`` is TLS from the first byte, else STARTTLS where ``tls`` is given."""
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a log-in in the clear: meant, on this machine
            return SMTP(
                office,
                hostname="localhost",
                loop=loop,
                tls_context=None if is_wrapped else tls,
                require_starttls=bool(tls) and not is_wrapped,
                authenticator=office.authenticate,
                auth_required=wants_login,
                auth_require_tls=False,
            )

    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls if is_wrapped else None)
    office.port = server.sockets[0].getsockname()[1]
    return server


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context for 127.0.0.1, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "office.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pem)
    return theirs, ssl.create_default_context(cafile=str(pem))
