"""The statement of a company's month, in the panel: read, printed, counted on."""

import io

import pytest
from pypdf import PdfReader

from core.actions import closing
from core.actions.desk import remember_username
from core.models import Technician as Staff
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.rules.permissions import Role
from tests.render.test_logos import picture


@pytest.fixture
def backend():
    return "sqlite"  # its SQL is asked on both databases beside the accounts


@pytest.fixture
async def company(desk, office):
    company = await desk.registers(name="=2+2 Ferretería Ñandú", purchased_minutes=100)
    ticket = await desk.receives(company, await desk.greets(company))
    async with desk.database.write() as session:
        actor = await session.get_one(Staff, (await desk.employ("vera")).id)
        found = await by_number(session, ticket.number, lock=True)
        await closing.close(
            session, actor, found, ClosureRequest(Closure.INVOICED, "Error", "Listo", 70), office=office
        )
    return company


async def test_it_is_a_link_away_and_adds_up(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens("/billing")
    assert f"/companies/{company.ruc}/statement" in (await berta.client.get("/billing")).text
    await berta.opens(f"/companies/{company.ruc}/statement")
    for said in (
        "Saldo inicial: sin registrar",
        "Saldo final: 1 h 40 min",
        "Saldo final: 10 min",
        "−60",
        "por facturar",
    ):
        assert said in berta.text, said
    await berta.opens(f"/companies/{company.ruc}/statement?month=2019-02")
    assert "febrero de 2019" in berta.text
    assert "Sin movimientos en este mes." in berta.text
    assert "Mes siguiente" in berta.text


async def test_a_month_that_is_none_is_the_one_we_are_in(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    plain = (await berta.client.get(f"/companies/{company.ruc}/statement")).text
    assert (await berta.client.get(f"/companies/{company.ruc}/statement?month=2026-13")).text == plain


async def test_the_pdf_is_tagged_and_says_the_same(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    answer = await berta.client.get(f"/companies/{company.ruc}/statement.pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for said in (
        "SACI Soporte",
        "=2+2 Ferretería Ñandú",
        company.ruc,
        "Cerrado y facturado",
        "#1001 (60 min)",
        "−60",
    ):
        assert said in words, said
    assert "Página 1 de 1" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert f"estado-de-cuenta-{company.ruc}-" in answer.headers["content-disposition"]


async def test_the_pdf_and_an_invitation_have_the_desks_own_name_and_logo(desk, store, log_in, company):
    boss = await log_in("root", Role.ADMINISTRATOR)
    logo = (await store.put(picture())).sha256
    await desk.calls_itself("Mesa Ñandú", by=await desk.employ("root"), logo=logo)
    answer = await boss.client.get(f"/companies/{company.ruc}/statement.pdf")
    page = PdfReader(io.BytesIO(answer.content)).pages[0]
    assert "Mesa Ñandú" in page.extract_text()
    assert len(page.images) == 1

    async with desk.database.write() as session:
        await remember_username(session, "ventanilla_bot")
    await boss.opens(f"/companies/{company.ruc}")
    await boss.sends("/invitations")
    assert f'<p class="desk"><img class="logo" src="/logo/{logo}.png"' in boss.answer.text
    assert "Mesa Ñandú" in boss.text


async def test_no_cell_of_the_csv_is_a_live_formula(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    table = (await berta.client.get(f"/companies/{company.ruc}/statement.csv")).content.decode("utf-8-sig")
    assert "'=2+2 Ferretería" in table
    assert ';"Cerrado y facturado";"#1001";"Vera";70;70' in table
    assert ";-60;10" in table, "numbers stay numbers"
