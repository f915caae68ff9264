"""The one-time link for files over Telegram's limit: one file, once, by whoever got it in the chat."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import select

from admin import file_part
from core.actions import articles, drafts, uploads
from core.actions.content import TELEGRAM_DOWNLOAD_LIMIT, Content, Home, IncomingFile, attach
from core.actions.surroundings import look_round
from core.clock import now
from core.models import Attachment, Binding, Company, FileKind, FileState, OutboxRow, Person, Ticket, UploadLink
from core.render.office import Office
from tests.admin.browser import Browser
from tests.admin.conftest import HOME

BIG = IncomingFile(FileKind.DOCUMENT, "F", "respaldo.zip", "application/zip", TELEGRAM_DOWNLOAD_LIMIT + 1)
MEGABYTE = 1_000_000


@pytest.fixture
def office(office: Office) -> Office:
    return replace(office, upload_url=HOME, upload_limit=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=True) as clock:
        yield clock


@pytest.fixture
async def company(desk) -> Company:
    return await desk.registers()


@pytest.fixture
async def ada(desk, company) -> Person:
    return await desk.greets(company)


@pytest.fixture
def link(database, office, ada):
    """What the bot writes into the chat for a file too large, in a draft or, answering, in a ticket."""

    given = replace(office, upload_limit=200)  # the page itself takes less here, to be quick

    async def link(ticket: Ticket | None = None, message: int = 7) -> str:
        content = Content(chat_id=ada.telegram_id, message_id=message, file=BIG)
        async with database.write() as session:
            person = await session.get_one(Person, ada.id)
            if ticket is not None:
                place = (await look_round(session, {ticket.number}, chats={ada.telegram_id}))[ticket.number]
                await articles.receive(session, person, place, content, office=office)
            else:
                draft = await drafts.start(session, person)
                await attach(session, content, Home(draft_id=draft.id))
            company_id = person.active_company_id or 0
            return await uploads.offer(session, person, company_id, message_id=message, office=given) or ""

    return link


async def said(database, chat: int) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.lane == str(chat)).order_by(OutboxRow.id))
        return [row.payload["text"] for row in rows]


async def the_file(database) -> Attachment:
    async with database.read() as session:
        return (await session.scalars(select(Attachment).order_by(Attachment.id.desc()).limit(1))).one()


async def upload(browser: Browser, address: str, content: bytes | AsyncIterator[bytes], name: str = "respaldo.zip"):
    body = {"content": content} if not isinstance(content, bytes) else {"files": {"file": (name, content)}}
    browser.answer = await browser.client.post(
        address, headers={"Origin": browser.origin}, follow_redirects=True, **body
    )
    return browser.answer


async def test_the_file_of_an_answer_comes_by_its_link_once(
    database, desk, company, ada, link, stranger: Browser, store, clock
):
    ticket = await desk.receives(company, ada)
    address = await link(ticket)
    assert len(address.rpartition("/")[2]) == 43
    assert address.rpartition("/")[2] not in repr([vars(row) for row in await desk.all_of(UploadLink)])

    await stranger.opens(address)
    assert "SACI Soporte espera respaldo.zip" in stranger.text
    await upload(stranger, address, b"PK\x03\x04" + bytes(30_000), "respaldo 2027.zip")
    assert "respaldo 2027.zip (30 KB) llegó bien" in stranger.text
    assert stranger.answer is not None
    assert "set-cookie" not in stranger.answer.headers
    file = await the_file(database)
    assert (file.state, file.name, file.media_type) == (FileState.STORED, "respaldo 2027.zip", "application/zip")
    assert await store.read(file.sha256 or "") == b"PK\x03\x04" + bytes(30_000)
    assert (await said(database, ada.telegram_id))[-1] == f"Anotado en #{ticket.number}: respaldo 2027.zip (30 KB)"

    again = await upload(stranger, address, b"otra cosa")
    assert again.status_code == 404
    assert (await the_file(database)).sha256 == file.sha256
    assert len(await said(database, ada.telegram_id)) == 1
    clock.shift(timedelta(days=2))
    assert (await stranger.opens(address)).status_code == 404


async def test_the_file_of_a_draft_waits_in_it(database, ada, link, stranger: Browser):
    address = await link()
    await upload(stranger, address, b"contenido")
    file = await the_file(database)
    assert (file.state, file.draft_id is not None) == (FileState.STORED, True)
    assert await said(database, ada.telegram_id) == ["Recibimos respaldo.zip (9 B)."]


@pytest.mark.parametrize("ending", ["expired", "logged out", "dropped", "unknown"])
async def test_a_link_that_has_lost_its_meaning_opens_nothing(
    ending: str, database, link, stranger: Browser, clock: time_machine.Traveller
):
    address = await link()
    await stranger.opens(address)
    assert stranger.status == 200
    async with database.write() as session:
        if ending == "logged out":
            (await session.scalars(select(Binding))).one().ended_at = now()
        elif ending == "dropped":
            (await session.scalars(select(Attachment))).one().draft_id = None
    if ending == "expired":
        clock.shift(timedelta(hours=24, seconds=1))
    if ending == "unknown":
        address += "x"
    assert (await upload(stranger, address, b"contenido")).status_code == 404
    assert "Este enlace ya se usó o ya no vale" in stranger.text
    await stranger.opens(address)
    assert stranger.status == 404
    assert (await the_file(database)).state is FileState.AWAITED
    async with database.write() as session:
        await uploads.end_expired(session)
    assert (await the_file(database)).state is (FileState.FAILED if ending == "expired" else FileState.AWAITED)


async def test_whoever_logs_out_meanwhile_has_uploaded_nothing(database, ada, link, stranger: Browser):
    address = await link()
    form = form_of(b"contenido")

    async def body() -> AsyncIterator[bytes]:
        yield form[:-20]
        async with database.write() as session:
            (await session.scalars(select(Binding))).one().ended_at = now()
        yield form[-20:]

    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    assert (await upload(stranger, address, body())).status_code == 404
    assert (await the_file(database)).state is FileState.AWAITED
    assert await said(database, ada.telegram_id) == []


def form_of(content: bytes, *, name: bytes = b"respaldo.zip", field: bytes = b"file") -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (field, name)
    return head + content + b"\r\n--x--\r\n"


async def streamed(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_what_broke_off_or_was_refused_may_be_tried_again(database, link, stranger: Browser, tmp_path):
    address = await link()
    form = form_of(b"contenido")
    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    for pieces, words in (
        ((form[:-30],), "no llegó completo"),
        ((b"no es un formulario",), "no llegó completo"),
        ((form_of(b"x", field=b"otro"),), "Elija un archivo"),
        ((form_of(b"", name=b""),), "Elija un archivo"),
        ((form_of(b"x" * MEGABYTE + b"x"),), "pesa más de 1 MB"),
    ):
        await upload(stranger, address, streamed(*pieces))
        assert stranger.status in {413, 422}
        assert words in stranger.text
        assert (await the_file(database)).state is FileState.AWAITED
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    await upload(stranger, address, streamed(*(form[at : at + 1] for at in range(len(form)))))
    assert "respaldo.zip (9 B) llegó bien" in stranger.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("field", [b"file", b"otro"])
async def test_an_endless_upload_is_cut_off(field: bytes, link, stranger: Browser):
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        yield form_of(b"", field=field)[:-9]
        while given < 100:
            given += 1
            yield bytes(100_000)

    address = await link()
    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    await upload(stranger, address, endless())
    assert (stranger.status, given < 15) == (413, True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_an_upload_that_stands_still_is_given_up(database, link, stranger: Browser, monkeypatch):
    monkeypatch.setattr(file_part, "IDLE_SECONDS", 0.05)
    address = await link()

    async def waits() -> AsyncIterator[bytes]:
        yield form_of(b"")[:-9]
        await asyncio.Event().wait()

    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    await upload(stranger, address, waits())
    assert "no llegó completo" in stranger.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_link_takes_one_file_at_a_time(database, app, link, stranger: Browser):
    address = await link()
    other = []

    async def meanwhile() -> AsyncIterator[bytes]:
        form = form_of(b"contenido")
        yield form[:-10]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
            wish = {"Origin": HOME, "Accept": "application/json, text/html"}
            other.append(await client.post(address, headers=wish, files={"file": b"otro"}))
        yield form[-10:]

    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    await upload(stranger, address, meanwhile())
    assert "respaldo.zip (9 B) llegó bien" in stranger.text
    assert other[0].status_code == 503
    assert other[0].json()["problem"].startswith("En este momento se están subiendo demasiados archivos.")


async def test_a_link_is_tried_and_given_only_so_often(database, ada, link, stranger: Browser):
    address = await link()
    stranger.client.headers["Content-Type"] = "multipart/form-data; boundary=x"
    for _ in range(uploads.TRIES_AT_MOST):
        await upload(stranger, address, streamed(b"nada"))
        assert stranger.status == 422
    await upload(stranger, address, streamed(form_of(b"contenido")))
    assert stranger.status == 409
    assert "demasiadas veces" in stranger.text
    given = [await link(message=8 + n) for n in range(uploads.OPEN_AT_MOST)]
    assert [bool(address) for address in given] == [True] * 9 + [False]
    assert (await the_file(database)).state is FileState.FAILED
    assert len(await database_links(database)) == 10


async def test_a_message_that_is_read_again_keeps_its_link(database, ada, link, office, stranger: Browser):
    address = await link()
    async with database.write() as session:
        person = await session.get_one(Person, ada.id)
        again = await uploads.offer(session, person, 1, message_id=7, office=replace(office, upload_limit=200))
    assert again is None
    await stranger.opens(address)
    assert stranger.status == 200


async def database_links(database) -> list[UploadLink]:
    async with database.read() as session:
        return list(await session.scalars(select(UploadLink)))


async def test_other_sites_cannot_upload(database, link, stranger: Browser):
    address = await link()
    answer = await stranger.client.post(address, headers={"Origin": "https://evil.example"}, files={"file": b"x"})
    assert answer.status_code == 403
    assert (await the_file(database)).state is FileState.AWAITED
