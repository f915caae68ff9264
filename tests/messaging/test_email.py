"""Mail over real SMTP: what arrives, and what every way of failing means to the sender."""

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.messaging.channel import Delivery, DeliveryError
from core.messaging.email import EmailChannel, MailServer
from core.messaging.store import FileStore
from core.rules.retries import Outcome
from tests.messaging.post_office import PostOffice, certificates, open_office
from tests.patience import PATIENCE

PDF = b"%PDF-1.7\r\n.\r\n..\r\n" + bytes(range(256)) * 200
PUT = datetime(2026, 10, 5, 14, microsecond=250, tzinfo=UTC)
ADA, BEN = "ada@ferreteria.example", "ben@ferreteria.example"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    async with _listening(office):
        yield office


@asynccontextmanager
async def _listening(office: PostOffice, **options: Any) -> AsyncIterator[None]:
    server = await open_office(office, **options)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def channel(office: PostOffice, store: FileStore) -> EmailChannel:
    return _channel(f"smtp://127.0.0.1:{office.port}", store)


def _channel(url: str, store: FileStore, **options: Any) -> EmailChannel:
    async def report_sha256(report_id: int) -> str:
        if report_id != 7:
            raise LookupError("not drawn yet")
        return (await store.put(PDF)).sha256

    sender = "SACI Soporte Ñ <soporte@saci.example>"
    return EmailChannel(url, sender, store, "mesa@saci.example", report_sha256=report_sha256, **options)


def a_mail(*, row: int = 12, put: datetime = PUT, as_plain: bool = False, **changes: Any) -> Delivery:
    payload = {
        "to": [ADA],
        "subject": "#1042 Cerrado y facturado: impresión ñ",
        "text": "Minutos: 15 min\n.\nFin ñ 😀\n",
        "html": "<p>Minutos: 15 min</p>",
        "attachments": [{"report_id": 7, "name": "informe-1042.pdf", "media_type": "application/pdf"}],
    } | changes
    return Delivery(id=row, lane=ADA, method="sendMail", payload=payload, created_at=put, as_plain=as_plain)


async def outcome_of(channel: EmailChannel, mail: Delivery | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await channel.send(mail or a_mail())
    return caught.value


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


async def test_the_mail_arrives_with_text_html_and_the_very_bytes_of_the_report(
    office: PostOffice, channel: EmailChannel
) -> None:
    message_id = await channel.send(a_mail())
    (mail,), (envelope,) = office.mails, office.envelopes
    assert mail["Message-ID"] == message_id == "<ventanilla-12-20261005140000000250@saci.example>"
    assert mail["Subject"] == "#1042 Cerrado y facturado: impresión ñ"
    assert mail["From"] == "SACI Soporte Ñ <soporte@saci.example>"
    assert mail["Reply-To"] == "mesa@saci.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert (envelope.mail_from, envelope.rcpt_tos) == ("soporte@saci.example", [ADA])
    assert part(mail, "plain") == "Minutos: 15 min\n.\nFin ñ 😀\n"
    assert part(mail, "html").strip() == "<p>Minutos: 15 min</p>"
    (report,) = mail.iter_attachments()
    assert (report.get_filename(), report.get_content_type()) == ("informe-1042.pdf", "application/pdf")
    assert report.get_content() == PDF


async def test_a_file_named_by_its_hash_is_attached_too(
    office: PostOffice, channel: EmailChannel, store: FileStore
) -> None:
    stored = await store.put(b"hola")
    await channel.send(
        a_mail(attachments=[{"sha256": stored.sha256, "name": "ñandú.txt", "media_type": "text/plain"}])
    )
    (file,) = office.mails[0].iter_attachments()
    assert file.get_filename() == "ñandú.txt"
    assert file.get_payload(decode=True) == b"hola"


async def test_a_picture_the_html_shows_comes_beside_it_and_is_no_attachment(
    office: PostOffice, channel: EmailChannel, store: FileStore
) -> None:
    stored, lost = await store.put(b"\x89PNG"), "0" * 64
    logo = {"name": "logo.png", "media_type": "image/png", "id": "logo@ventanilla"}
    html = '<img src="cid:logo@ventanilla"> Mesa'
    for sha256 in (stored.sha256, lost):
        await channel.send(a_mail(html=html, inline=[logo | {"sha256": sha256}], reply_to="hola@mesa.example"))
    mail, without = office.mails
    (picture,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert picture["Content-ID"] == "<logo@ventanilla>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_payload(decode=True) == b"\x89PNG"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["informe-1042.pdf"]
    assert mail["Reply-To"] == "hola@mesa.example"
    assert part(without, "html").strip() == html, "a lost picture holds no mail up"
    await channel.send(a_mail(html=html, inline=[logo | {"sha256": stored.sha256}], as_plain=True))
    assert "image" not in {part.get_content_maintype() for part in office.mails[-1].walk()}


async def test_no_byte_of_a_mail_needs_more_than_seven_bits(office: PostOffice, channel: EmailChannel) -> None:
    await channel.send(a_mail(text="ñ" * 5000))
    content = office.envelopes[0].original_content
    assert content is not None
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998


async def test_a_copy_has_the_message_id_of_its_original(office: PostOffice, channel: EmailChannel) -> None:
    assert await channel.send(a_mail()) == await channel.send(a_mail())
    assert len({mail["Message-ID"] for mail in office.mails}) == 1
    assert await channel.send(a_mail(row=13)) not in office.mails[0]["Message-ID"]


async def test_the_same_number_after_a_restore_is_another_mail(channel: EmailChannel) -> None:
    here = PUT.astimezone(ZoneInfo("America/Guayaquil"))
    assert await channel.send(a_mail()) == await channel.send(a_mail(put=here))
    assert await channel.send(a_mail()) != await channel.send(a_mail(put=PUT + timedelta(microseconds=1)))


async def test_the_plain_copy_has_no_html_but_still_the_report(office: PostOffice, channel: EmailChannel) -> None:
    await channel.send(a_mail(as_plain=True))
    assert office.mails[0].get_body(("html",)) is None
    assert len(list(office.mails[0].iter_attachments())) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hola\r\nBcc: eve@x.example"},
        {"subject": "Hola\nBcc: eve@x.example"},
        {"to": ["ada@x.example\r\nRCPT TO:<eve@x.example>"]},
        {"to": ["ada@x.example>\r\nBcc: <eve@x.example"]},
        {"attachments": [{"report_id": 7, "name": 'a"\r\nX-Eve: 1.pdf', "media_type": "application/pdf"}]},
        {"attachments": [{"report_id": 7, "name": "a.pdf", "media_type": "application/pdf\r\nX-Eve: 1"}]},
        {"to": ["nobody"]},
        {"to": ["ñ@x.example"]},
        {"to": []},
    ],
)
async def test_what_could_become_a_header_or_is_no_address_is_refused(
    office: PostOffice, channel: EmailChannel, changes: dict[str, Any]
) -> None:
    assert (await outcome_of(channel, a_mail(**changes))).outcome is Outcome.BAD_CONTENT
    assert not office.mails


async def test_half_a_character_in_a_text_stops_no_mail(office: PostOffice, channel: EmailChannel) -> None:
    await channel.send(a_mail(subject="mitad \ud83d", text="\ud83d", html="\ud83d"))
    assert office.mails[0]["Subject"] == "mitad ?"


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("MAIL", "421 4.3.2 Closing", Outcome.NOT_SENT),
        ("MAIL", "552 5.3.4 Too big", Outcome.BAD_CONTENT),
        ("MAIL", "530 5.7.0 Authentication required", Outcome.TOKEN),
        (ADA, "450 4.2.1 Mailbox busy", Outcome.NOT_SENT),
        (ADA, "550 5.1.1 No such user", Outcome.BAD_CONTENT),
        ("DATA", "421 4.3.2 Closing", Outcome.NOT_SENT),
        ("DATA", "451 4.3.0 Try later", Outcome.NOT_SENT),
        ("DATA", "554 5.7.1 Spam", Outcome.BAD_CONTENT),
    ],
)
async def test_a_refusal_means_what_its_number_says(
    office: PostOffice, channel: EmailChannel, command: str, answer: str, outcome: Outcome
) -> None:
    office.answers[command] = answer
    error = await outcome_of(channel)
    assert error.outcome is outcome
    assert answer in error.detail


async def test_only_a_line_lost_after_the_content_went_leaves_a_doubt(
    office: PostOffice, channel: EmailChannel
) -> None:
    office.hang_up = ADA
    assert (await outcome_of(channel)).outcome is Outcome.NOT_SENT
    office.hang_up = "after DATA"
    assert (await outcome_of(channel)).outcome is Outcome.DOUBTFUL
    assert len(office.mails) == 1


async def test_one_bad_address_of_two_stops_the_first_try_and_is_left_out_of_the_second(
    office: PostOffice, channel: EmailChannel
) -> None:
    office.answers[BEN] = "550 5.1.1 No such user"
    assert (await outcome_of(channel, a_mail(to=[BEN, ADA]))).outcome is Outcome.BAD_CONTENT
    assert not office.mails
    await channel.send(a_mail(to=[BEN, ADA], as_plain=True))
    assert office.envelopes[0].rcpt_tos == [ADA]


async def test_a_server_that_is_not_there_is_tried_again(store: FileStore) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = _channel(f"smtp://127.0.0.1:{free.getsockname()[1]}", store)
    nowhere = _channel("smtp://ventanilla.invalid:25", store)
    for channel in (closed, nowhere):
        assert (await outcome_of(channel)).outcome is Outcome.NOT_SENT
        with pytest.raises(DeliveryError):
            await channel.probe()


async def test_the_probe_asks_whether_the_server_answers_again(office: PostOffice, channel: EmailChannel) -> None:
    await channel.probe()
    assert office.commands == ["NOOP"]
    office.answers["NOOP"] = "421 4.3.2 Closing"
    with pytest.raises(DeliveryError):
        await channel.probe()


@pytest.mark.parametrize(
    ("scheme", "is_wrapped"), [("smtp+starttls", False), ("smtps", True)], ids=["starttls", "smtps"]
)
async def test_mail_goes_encrypted_and_logged_in(
    scheme: str, is_wrapped: bool, store: FileStore, tmp_path: Path
) -> None:
    theirs, ours = certificates(tmp_path)
    office = PostOffice()
    async with _listening(office, tls=theirs, is_wrapped=is_wrapped, wants_login=True):
        url = f"{scheme}://ventanilla:p%40ss%2Fw%3Ard@127.0.0.1:{office.port}"
        await _channel(url, store, tls_context=ours).send(a_mail())
        assert len(office.mails) == 1
        # a certificate nobody vouches for: nothing is told to that server
        assert (await outcome_of(_channel(url, store))).outcome is Outcome.NOT_SENT
        assert len(office.mails) == 1


async def test_a_wrong_password_stops_the_channel_and_is_not_repeated_to_anybody(store: FileStore) -> None:
    office = PostOffice()
    async with _listening(office, wants_login=True):
        error = await outcome_of(_channel(f"smtp://ventanilla:secreto99@127.0.0.1:{office.port}", store))
        anonymous = await outcome_of(_channel(f"smtp://127.0.0.1:{office.port}", store))
    assert error.outcome is anonymous.outcome is Outcome.TOKEN
    assert "secreto99" not in error.detail


async def test_a_starttls_that_is_not_offered_sends_nothing_in_the_clear(
    office: PostOffice, store: FileStore
) -> None:
    channel = _channel(f"smtp+starttls://u:p@127.0.0.1:{office.port}", store)
    assert (await outcome_of(channel)).outcome is Outcome.NOT_SENT
    assert not office.commands


@pytest.mark.parametrize("answer", [b"454 4.7.0 TLS not available\r\n", b"220 Go ahead\r\n\x16\x03"])
async def test_a_starttls_that_fails_is_tried_again_and_tells_that_server_nothing(
    store: FileStore, tmp_path: Path, answer: bytes
) -> None:
    """Refused for now, or the line drops in the middle of the handshake."""
    heard: list[bytes] = []
    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        while line := await reader.readline():
            heard.append(line)
            is_starttls = line.upper().startswith(b"STARTTLS")
            writer.write(answer if is_starttls else b"250-mail.example\r\n250 STARTTLS\r\n")
            if is_starttls and answer.startswith(b"220"):
                break
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        is_over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"smtp+starttls://ventanilla:secreto99@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        error = await outcome_of(_channel(url, store, tls_context=certificates(tmp_path)[1]))
        await asyncio.wait_for(is_over.wait(), PATIENCE)
    assert error.outcome is Outcome.NOT_SENT
    said = b"".join(heard)
    assert b"STARTTLS" in said
    assert not any(word in said.upper() for word in (b"AUTH", b"MAIL FROM", b"SECRETO99"))


@pytest.mark.parametrize(
    ("attachment", "outcome"),
    [
        ({"report_id": 8, "name": "a.pdf", "media_type": "application/pdf"}, Outcome.BAD_CONTENT),
        ({"sha256": "0" * 64, "name": "a.pdf", "media_type": "application/pdf"}, Outcome.BAD_CONTENT),
    ],
    ids=["a report that is never drawn", "a file gone from the store"],
)
async def test_no_mail_goes_without_the_file_it_promises(
    office: PostOffice, channel: EmailChannel, attachment: dict[str, Any], outcome: Outcome
) -> None:
    assert (await outcome_of(channel, a_mail(attachments=[attachment]))).outcome is outcome
    assert not office.commands


async def test_forty_mails_at_once_all_arrive(office: PostOffice, channel: EmailChannel) -> None:
    await asyncio.gather(*(channel.send(a_mail(row=row)) for row in range(40)))
    assert len({mail["Message-ID"] for mail in office.mails}) == 40
    hashes = {hashlib.sha256(_only_file(mail)).hexdigest() for mail in office.mails}
    assert hashes == {hashlib.sha256(PDF).hexdigest()}


def _only_file(mail: EmailMessage) -> bytes:
    (file,) = mail.iter_attachments()
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", MailServer("smtp", "mail.example", 25, "", "")),
        ("smtps://a%40b:c%2Fd@mail.example", MailServer("smtps", "mail.example", 465, "a@b", "c/d")),
        ("smtp+starttls://u:p@mail.example:2525", MailServer("smtp+starttls", "mail.example", 2525, "u", "p")),
    ],
)
def test_the_address_of_the_server(url: str, expected: MailServer) -> None:
    assert MailServer.parse(url) == expected


def test_a_wrong_address_is_refused_without_showing_the_password() -> None:
    with pytest.raises(ValueError, match="expected smtp") as caught:
        MailServer.parse("http://u:secreto99@mail.example")
    assert "secreto99" not in str(caught.value)
