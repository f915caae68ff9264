"""The desk's own name, addresses and logo: written by an administrator, shown everywhere, and taken back."""

import hashlib
import io

import pytest
from PIL import Image

from admin.headers import CONTENT_SECURITY_POLICY
from core.messaging import letterhead
from core.models import AuditEntry, DeskLogo
from core.rules.permissions import Role
from tests.admin.browser import Browser
from tests.render.test_logos import picture

PAGE = "/settings/desk"


@pytest.fixture
async def boss(log_in) -> Browser:
    return await log_in("root", Role.ADMINISTRATOR)


async def sends_logo(browser: Browser, content: bytes, name: str = "logo.png", **typed: str) -> None:
    """Choose a file in the page as it stands, and send it."""
    fields = browser.form("/settings/desk/logo").fields | typed
    browser.answer = await browser.client.post(
        f"{PAGE}/logo",
        data=fields,
        files={"logo": (name, content, "image/png")},
        headers={"Origin": browser.origin},
        follow_redirects=True,
    )


async def now_called(database, office):
    async with database.read() as session:
        return await letterhead.read(session, office)


async def audited(desk) -> list[dict[str, list[str]]]:
    return [entry.data["changes"] for entry in await desk.all_of(AuditEntry) if entry.object == "settings desk"]


async def test_the_name_is_written_and_read_at_once_and_falls_back(desk, database, office, boss, stranger):
    await boss.opens(PAGE)
    assert "Si queda vacío: SACI Soporte" in boss.text
    await boss.sends(PAGE, name="  Mesa   Ñandú ", address="Av. Amazonas 123", phone="02 255 0101")
    assert boss.status == 200
    assert "Nombre y datos de contacto guardados." in boss.text
    assert "<title>Nombre y logotipo · Mesa Ñandú</title>" in boss.answer.text
    assert '<a class="brand" href="/"><span>Mesa Ñandú</span></a>' in boss.answer.text
    await stranger.opens("/login")
    assert "<h1>Mesa Ñandú</h1>" in stranger.answer.text
    await stranger.opens("/nothing")
    assert "· Mesa Ñandú</title>" in stranger.answer.text
    found = await now_called(database, office)
    assert found.contact == ["Av. Amazonas 123", "02 255 0101"]
    await boss.opens("/audit")
    assert "Nombre y logotipo" in boss.text
    assert "– → Mesa Ñandú" in boss.text

    await boss.opens(PAGE)
    await boss.sends(PAGE, name="", address="", phone="")
    assert (await now_called(database, office)) == office
    assert [sorted(changes) for changes in await audited(desk)] == [["address", "name", "phone"]] * 2


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("name", "x" * 61, "Como máximo 60 caracteres."),
        ("email", "soporte", "Escriba un correo como soporte@example.org."),
        ("url", "javascript:alert(1)", "Escriba una dirección como https://example.org."),
    ],
)
async def test_what_cannot_be_comes_back_as_typed(database, office, boss, field, typed, reason):
    await boss.opens(PAGE)
    await boss.sends(PAGE, **{field: typed})
    assert boss.status == 422
    assert reason in boss.text
    assert boss.form(PAGE).fields[field] == typed
    assert await now_called(database, office) == office


async def test_two_at_once_do_not_overwrite_each_other(desk, database, office, boss, log_in):
    other = await log_in("ana", Role.ADMINISTRATOR)
    await boss.opens(PAGE)
    await other.opens(PAGE)
    await other.sends(PAGE, name="Mesa de Ana")
    await boss.sends(PAGE, name="Mesa de Raúl")
    assert boss.status == 409
    assert "Nombre de la mesa de ayuda: antes «–», ahora «Mesa de Ana»" in boss.text
    assert boss.form(PAGE).fields["name"] == "Mesa de Raúl"
    await other.opens(PAGE)
    await boss.opens(PAGE)
    await sends_logo(other, picture())
    await sends_logo(boss, picture("JPEG", (200, 200)))
    assert boss.status == 409
    assert (await now_called(database, office)).logo.height == 160, "the logo of who came first"


async def test_a_logo_is_drawn_anew_and_served_to_everybody_by_its_hash(desk, database, office, boss, stranger):
    await boss.opens(PAGE)
    assert "No hay logotipo." in boss.text
    await sends_logo(boss, picture("JPEG", comment=b"secreto"), "Mi logo.jpg")
    assert boss.status == 200, boss.text
    assert "El logotipo está guardado." in boss.text
    logo = (await now_called(database, office)).logo
    assert f'<img class="logo" src="{logo.address}" width="96" height="32" alt="">' in boss.answer.text, "in the head"
    for path in ("/login", "/nothing"):
        await stranger.opens(path)
        assert f'src="{logo.address}"' in stranger.answer.text
        assert stranger.answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY

    shown = await stranger.client.get(logo.address)
    assert hashlib.sha256(shown.content).hexdigest() == logo.sha256
    assert Image.open(io.BytesIO(shown.content)).format == "PNG"
    assert b"secreto" not in shown.content
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert await audited(desk) == [{"logo": ["", f"Mi logo.jpg ({logo.sha256[:12]})"]}]


async def test_no_other_file_of_the_store_has_an_address_there(store, stranger):
    stored = await store.put(b"what a customer sent")
    for name in (stored.sha256, "0" * 64, "..%2f..%2fetc%2fpasswd", stored.sha256.upper()):
        assert (await stranger.client.get(f"/logo/{name}.png")).status_code == 404


async def test_a_logo_is_removed_and_may_come_back(desk, database, office, boss):
    await boss.opens(PAGE)
    await sends_logo(boss, picture())
    logo = (await now_called(database, office)).logo
    await boss.sends(f"{PAGE}/logo/remove")
    assert "El logotipo se quitó." in boss.text
    assert logo.address not in boss.answer.text
    assert (await now_called(database, office)).logo is None
    assert (await boss.client.get(logo.address)).status_code == 200, "old pages and reports still show it"
    await boss.opens(PAGE)
    await sends_logo(boss, picture())
    assert (await now_called(database, office)).logo == logo
    async with database.read() as session:
        assert await session.get(DeskLogo, logo.sha256) is not None
    assert len(await audited(desk)) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg><script>alert(1)</script></svg>", "Un SVG puede contener un programa"),
        (b"%PDF-1.7", "No es PNG ni JPEG."),
        (picture()[:-40], "el archivo está dañado"),
        (picture(size=(4000, 40)), "demasiado pequeña o angosta"),
        (picture() + bytes(2 * 1024 * 1024), "pesa más de 2 MB"),
        (picture() + bytes(4 * 1024 * 1024), "pesa más de 2 MB"),
        (b"", "No es PNG ni JPEG."),
    ],
)
async def test_what_is_no_logo_is_refused_with_its_reason(database, office, boss, content, reason):
    await boss.opens(PAGE)
    await sends_logo(boss, content)
    assert boss.status == 422
    assert reason in boss.text
    assert (await now_called(database, office)).logo is None


async def test_only_an_administrator_changes_them(database, office, log_in, boss):
    vera = await log_in("vera", Role.SUPERVISOR)
    await vera.opens(PAGE)
    assert vera.status == 200
    assert "Usar este logotipo" not in vera.text
    await boss.opens(PAGE)
    fields = boss.form("/settings/desk/logo").fields
    for ending, files in (("", None), ("/logo", {"logo": ("x.png", picture(), "image/png")}), ("/logo/remove", None)):
        answer = await vera.client.post(f"{PAGE}{ending}", data=fields, files=files, headers={"Origin": vera.origin})
        assert answer.status_code == 403
    await sends_logo(boss, picture(), csrf="x")
    assert boss.status == 403, "a form from elsewhere"
    assert await now_called(database, office) == office
