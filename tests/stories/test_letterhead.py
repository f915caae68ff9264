"""A desk that changes its name and logo: customers see it from then on, and old reports stay what they were."""

import base64
import io

import pypdf
from sqlalchemy import select, update

from core.messaging import reports
from core.models import Report
from core.rules.permissions import Role
from tests.admin.test_letterhead import PAGE, sends_logo
from tests.desk import Customer, LiveDesk, Staff
from tests.render.test_logos import picture


async def renames(root: Staff, name: str, logo: bytes, **written: str) -> None:
    await root.browser.opens(PAGE)
    await root.browser.sends(PAGE, name=name, **written)
    await sends_logo(root.browser, logo)
    assert root.browser.status == 200, root.browser.text


def paper(pdf: bytes) -> tuple[str, int]:
    """Its words, and how many pictures are on its first page."""
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    return " ".join(page.extract_text().split()), len(page.images)


async def report_of(tom: Staff, number: int) -> bytes:
    return (await tom.browser.client.get(f"/tickets/{number}/report.pdf")).content


async def test_everything_a_customer_gets_has_the_new_head_and_an_old_report_keeps_its_own(
    live: LiveDesk, ada: Customer, tom: Staff
):
    before = await ada.opens_ticket("Antes")
    await tom.closes(before, as_="warranty", minutes=5)
    async with live.employee("root", "Ana", Role.ADMINISTRATOR) as root:
        await renames(root, "Mesa Ñandú", picture(), email="hola@nandu.example", address="Av. Amazonas 123")
        await ada.says("/ayuda")
        assert (await ada.last()).text.startswith("Mesa Ñandú")
        number = await ada.opens_ticket("No imprime")
        await tom.closes(number, as_="invoiced", minutes=20)
        closed = await ada.bytes_of(await ada.finds("Cerrado y facturado"))
        words, pictures = paper(closed)
        assert "Mesa Ñandú" in words
        assert "Av. Amazonas 123 · hola@nandu.example" in words
        assert pictures == 1

        mail = (await live.mails())[-1]
        assert "Mesa Ñandú" in mail["text"]
        assert [file["name"] for file in mail["attachments"]] == [f"informe-{number}.pdf"]
        assert ["Reply-To", "hola@nandu.example"] in mail["headers"]
        shown = (await live.http.get(f"{live.simulator.url}/sim/mails/{mail['id']}/html")).text
        (inside,) = [part for part in shown.split('"') if part.startswith("data:image/png;base64,")]
        logo = base64.b64decode(inside.partition(",")[2])
        assert logo == await live.parts.store.read((await frozen(live, number))["desk"]["logo"])

        await renames(root, "Otra mesa", picture("JPEG", (200, 200)))
    old, pictures = paper(await report_of(tom, before))
    assert "SACI Soporte" in old
    assert pictures == 0
    assert await report_of(tom, number) == closed
    assert await drawn_again(live, number) == closed, "however late it is drawn, it is the same"


async def frozen(live: LiveDesk, number: int) -> dict:
    async with live.database.read() as session:
        return await session.scalar(select(Report.snapshot).where(Report.file_name == f"informe-{number}.pdf"))


async def drawn_again(live: LiveDesk, number: int) -> bytes:
    """The bytes of a report whose drawing was lost."""
    is_it = Report.file_name == f"informe-{number}.pdf"
    async with live.database.write() as session:
        await session.execute(update(Report).where(is_it).values(pdf_sha256=None))
    await reports.draw_pending(live.database, live.parts.store, live.office.t)
    async with live.database.read() as session:
        sha256 = await session.scalar(select(Report.pdf_sha256).where(is_it))
    return await live.parts.store.read(sha256)
