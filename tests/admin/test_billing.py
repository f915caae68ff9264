"""Billing: hours are chosen, invoiced with a reference and taken back; spreadsheets carry no live formula."""

import csv
import io
import zipfile

import pytest

from admin.pages import billing
from core.actions import closing
from core.models import AuditEntry, Invoicing, LedgerLine, Technician
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.rules.permissions import Role
from core.rules.roster import read


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
async def company(desk, office):
    company = await desk.registers(name="=2+2 Ferretería")
    ada = await desk.greets(company)
    ticket = await desk.receives(company, ada)
    tom = await desk.employ("tom")
    async with desk.database.write() as session:
        found = await by_number(session, ticket.number, lock=True)
        request = ClosureRequest(Closure.INVOICED, "Error", "Hecho", 130)
        await closing.close(session, await session.get_one(Technician, tom.id), found, request, office=office)
    return company


async def test_hours_are_invoiced_together_and_taken_off_by_counter_entry(desk, log_in, company):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens("/billing")
    assert "Horas técnicas por facturar" in berta.text
    assert "#1001 (60 min)" in berta.text
    await berta.sends("/billing/invoice", chosen="2", reference="")
    assert "Escriba el número de la factura." in berta.text
    await berta.sends("/billing/invoice", chosen="2", reference="001-001-42")
    await berta.opens("/billing?invoiced=1")
    assert "001-001-42" in berta.text
    await berta.sends("/billing/revert", chosen="2", reason="Factura anulada")
    assert [(entry.kind, entry.reference) for entry in await desk.all_of(Invoicing)] == [
        ("invoiced", "001-001-42"),
        ("reverted", "Factura anulada"),
    ]
    assert {"hour.invoiced", "hour.reverted"} <= {entry.action for entry in await desk.all_of(AuditEntry)}


async def test_a_technician_sees_the_hours_and_cannot_invoice_them(tom, company):
    await tom.opens("/billing")
    assert "Marcar como facturadas" not in tom.text


async def test_no_cell_is_a_live_formula(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    sheet = await berta.client.get("/billing/hours.csv")
    assert "'=2+2 Ferretería" in sheet.content.decode("utf-8-sig")
    book = await berta.client.get("/billing/hours.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert "=2+2 Ferretería" in parts.read("xl/sharedStrings.xml").decode()


async def test_purchased_hours_need_a_reference(desk, log_in, company):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"/companies/{company.ruc}")
    await berta.sends("/purchased-hours", minutes="300", reference="", expires_on="2099-12-31")
    assert "Escriba el número de la factura o del recibo." in berta.text
    await berta.sends("/purchased-hours", reference="001-001-77")
    line = (await desk.all_of(LedgerLine))[-1]
    assert (line.minutes, line.reference, line.expires_at.isoformat()) == (
        300,
        "001-001-77",
        "2100-01-01T05:00:00+00:00",
    )


async def test_every_hour_is_exported_however_many_there_are(log_in, company, monkeypatch):
    monkeypatch.setattr(billing, "SLICE", 1)
    berta = await log_in("berta", Role.BILLING)
    table = await berta.client.get("/billing/hours.csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["2", "1"]


async def test_a_ruc_keeps_its_zero_and_columns_are_apart_in_a_spreadsheet_of_ecuador(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    table = (await berta.client.get("/billing/hours.csv")).content.decode("utf-8-sig")
    assert table.splitlines()[0] == '"RUC";"Empresa";"Hora técnica";"Emitida";"Tickets";"Minutos";"Factura"'
    assert f'"\t{company.ruc}";' in table


async def test_the_list_of_companies_reads_what_was_exported(log_in, company):
    berta = await log_in("berta", Role.BILLING)
    (line, _) = read((await berta.client.get("/billing/hours.csv?invoiced=0")).content)
    assert (line.ruc, line.name) == (company.ruc, "=2+2 Ferretería")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2199-02-30", "mañana"])
async def test_a_date_nobody_means_is_refused_beside_its_field(log_in, company, day):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"/companies/{company.ruc}")
    answer = await berta.sends("/purchased-hours", minutes="60", reference="001-001-7", expires_on=day)
    assert answer.status_code == 422
    assert "Elija una fecha." in berta.text


@pytest.mark.parametrize("below", ["1" + "0" * 20, "9" * 5000, "²", "-1"])
async def test_a_page_that_cannot_be_is_the_first_one(log_in, company, below):
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"/billing?below={below}")
    assert (berta.status, "#1001 (60 min)" in berta.text) == (200, True)
