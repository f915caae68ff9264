"""Files of a ticket in the panel: saved, never opened; of pictures a small one drawn by us."""

import io
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from admin import uploads
from admin.app import create_app
from core.actions.content import arrived
from core.clock import now
from core.messaging.scanner import Scanner
from core.messaging.store import FileStore
from core.models import Article, Attachment, FileKind, FileState
from core.rules.limits import TELEGRAM_UPLOAD_LIMIT
from core.rules.permissions import Role
from tests.admin.browser import Browser
from tests.admin.conftest import HOME
from tests.messaging.test_scanner import EICAR, bytes_of, scanner_at


@pytest.fixture
async def ticket(desk):
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


@pytest.fixture
def attach(desk, store, ticket):
    async def attach(name: str, content: bytes | None, **values: object) -> Attachment:
        article = (await desk.articles(ticket))[0]
        file = Attachment(
            article_id=article.id,
            kind=FileKind.DOCUMENT,
            name=name,
            media_type="image/png",
            state=FileState.PENDING,
            created_at=now(),
            **values,
        )
        if content is not None:
            arrived(file, await store.receive(bytes_of(content), cap=10**7))
        async with desk.database.write() as session:
            session.add(file)
        return file

    return attach


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Guayaquil"
    Image.new("RGB", (800, 600), "teal").save(out, kind, exif=exif)
    return out.getvalue()


async def test_a_picture_is_shown_small_and_saved_whole(tom: Browser, ticket, attach):
    file = await attach("captura de Ñandú.png", picture())
    await tom.opens(f"/tickets/{ticket.number}")
    assert tom.answer is not None
    small = f"/tickets/{ticket.number}/thumbnails/{file.id}"
    assert (
        f'<img src="{small}" width="320" height="240" alt="Vista previa de captura de Ñandú.png"' in tom.answer.text
    )
    assert 'loading="lazy"' in tom.answer.text
    assert "Imagen" in tom.text

    shown = await tom.opens(small)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(shown.content)).size == (320, 240)
    assert b"Guayaquil" not in shown.content
    large = await tom.opens(f"/tickets/{ticket.number}/previews/{file.id}")
    assert (large.status_code, large.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(large.content)).size == (800, 600)
    assert b"Guayaquil" not in large.content
    saved = await tom.opens(f"/tickets/{ticket.number}/files/{file.id}/x")
    assert saved.content == picture()
    assert saved.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote('captura de Ñandú.png')}"
    for answer in (shown, large, saved):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


HARMS = {
    "logo.svg": (b'<svg xmlns="x"><script>alert(1)</script></svg>', "Dibujo SVG"),
    "foto.png": (b"<!doctype html><script>alert(1)</script>", "Página web"),
    "factura.pdf": (b"MZ\x90\x00" + bytes(100), "Programa"),
    "firma.png": (b"\x89PNG\r\n\x1a\n" + bytes(30), "Imagen"),
}


async def test_what_could_do_harm_is_labelled_and_saved_but_never_shown(tom: Browser, ticket, attach):
    for name, (content, words) in HARMS.items():
        file = await attach(name, content)
        await tom.opens(f"/tickets/{ticket.number}")
        assert tom.answer is not None
        assert "<img" not in tom.answer.text
        assert f"{name} {words} ·" in tom.text
        assert (await tom.opens(f"/tickets/{ticket.number}/thumbnails/{file.id}")).status_code == 404
        saved = await tom.opens(f"/tickets/{ticket.number}/files/{file.id}/{name}")
        assert saved.headers["content-disposition"].startswith("attachment; ")
        assert saved.headers["content-security-policy"].startswith("sandbox")
    await tom.opens(f"/tickets/{ticket.number}")
    assert tom.text.count("se ejecuta al abrirlo") == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_no_name_breaks_out_of_its_header_or_address(tom: Browser, ticket, attach):
    for name in ('a".html', "../../etc/passwd", "a\r\nSet-Cookie: x=1", "📎 año.png", "..", ";x=1"):
        file = await attach(name, picture())
        await tom.opens(f"/tickets/{ticket.number}")
        link = next(link for link in tom.page.links if f"/files/{file.id}/" in link)
        saved = await tom.opens(link)
        assert saved.status_code == 200
        assert saved.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote(name, safe='')}"
        assert "set-cookie" not in saved.headers


async def test_a_file_belongs_to_its_ticket_and_to_who_may_see_it(
    tom: Browser, stranger: Browser, desk, ticket, attach
):
    file = await attach("captura.png", picture())
    other = await desk.receives(
        await desk.registers("1790012345001", "Otra"),
        await desk.greets(await desk.registers("0190012345001", "Tercera"), "Eve", 777),
    )
    for part in (f"thumbnails/{file.id}", f"files/{file.id}/captura.png"):
        assert (await tom.opens(f"/tickets/{other.number}/{part}")).status_code == 404
        await stranger.opens(f"/tickets/{ticket.number}/{part}")
        assert "Usuario" in stranger.text


async def test_the_page_says_what_became_of_a_file(tom: Browser, ticket, attach, desk):
    for state, error in (("failed", "TooBigError"), ("quarantined", "Win.Test.EICAR"), ("pending", None)):
        await attach(f"{state}.zip", None, error=error)
    async with desk.database.write() as session:
        for file in await session.scalars(select(Attachment)):
            file.state = FileState(file.name.removesuffix(".zip"))
    await tom.opens(f"/tickets/{ticket.number}")
    assert "failed.zip no se pudo traer el archivo TooBigError" in tom.text
    assert "quarantined.zip dañino, se eliminó: Win.Test.EICAR" in tom.text
    assert "pending.zip" in tom.text
    assert not [link for link in tom.page.links if "/files/" in link]


async def test_a_harmful_file_of_the_desk_is_refused_and_the_words_come_back(
    database, office, tmp_path, desk, ticket
):
    await desk.employ("tom", Role.TECHNICIAN)
    async with scanner_at("tcp") as address:
        store = FileStore(tmp_path / "scanned", Scanner(address))
        app = create_app(database=database, office=office, store=store, secret=b"k" * 32, https=False)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME) as client:
            tom = Browser(client)
            await tom.log_in("tom")
            await tom.opens(f"/tickets/{ticket.number}")
            await tom.sends("/reply", text="Instale esto", files=[("parche.exe", EICAR, "application/pdf")])
            assert tom.status == 422
            assert "parche.exe no se guardó: el antivirus dice que es dañino (Eicar-Signature)." in tom.text
            assert tom.form("/reply").fields["text"] == "Instale esto"
    assert len(await desk.all_of(Article)) == 1
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOME) as client:
        tom = Browser(client)
        await tom.log_in("tom")
        await tom.opens(f"/tickets/{ticket.number}")
        await tom.sends("/reply", text="Otra vez", files=[("parche.exe", b"x", "application/pdf")])
        assert tom.status == 503
        assert "El antivirus no responde" in tom.text
    assert len(await desk.all_of(Article)) == 1


def test_what_the_desk_may_attach_telegram_takes():
    assert uploads.MAX_FILE <= TELEGRAM_UPLOAD_LIMIT
