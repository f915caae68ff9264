"""A company's record in the panel: registered by hand, corrected, renamed."""

import pytest

from core import jobs
from core.actions import company_record
from core.models import AuditEntry, Company, LedgerLine
from core.queries import company_card
from core.rules.identity import ruc_warning
from core.rules.permissions import Role

GOOD, ODD = "1790016919001", "1790012345009"
assert not ruc_warning(GOOD)
assert ruc_warning(ODD)


@pytest.fixture
async def vera(log_in):
    return await log_in("vera", Role.SUPERVISOR)


@pytest.fixture
async def boss(log_in):
    return await log_in("boss", Role.ADMINISTRATOR)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_company_is_registered_once_with_everything_known_of_it(desk, vera):
    await vera.opens("/companies/new")
    page = vera.answer
    typed = {
        "name": "Corporación Favorita",
        "email": "a@favorita.ec\nb@favorita.ec",
        "phone": "0991234567; 022996500",
    }
    for _ in range(2):
        vera.answer = page
        await vera.sends("/companies/new", ruc="1790 016919 001", purchased_minutes="0", **typed)
        assert vera.answer.url.path == f"/companies/{GOOD}"
    for words in ("La empresa quedó registrada", "a@favorita.ec", "b@favorita.ec", "+593991234567", "+59322996500"):
        assert words in vera.text
    assert [company.ruc for company in await desk.all_of(Company)] == [GOOD]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_check_digit_that_fails_is_a_warning_and_nothing_more(desk, vera):
    await vera.opens("/companies/new")
    await vera.sends("/companies/new", ruc=ODD, name="Panadería Sol")
    assert vera.status == 422
    assert "El dígito verificador no coincide" in vera.text
    assert await desk.all_of(Company) == []
    await vera.sends("/companies/new")
    assert vera.answer.url.path == f"/companies/{ODD}"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"ruc": "12345"}, "12345 no es un RUC"),
        ({"name": " "}, "nombre"),
        ({"email": "ada@"}, "ada@ no es"),
        ({"phone": "12"}, "12 no es"),
        ({"purchased_minutes": "-1"}, "negativ"),
        ({"purchased_minutes": "600001"}, "como máximo 600000 minutos"),
        ({"ruc": "0992345678001"}, "Ya hay una empresa con el RUC 0992345678001"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_wrong_comes_back_with_the_reason(desk, boss, wrong, reason):
    await desk.registers("0992345678001")
    typed = {"ruc": GOOD, "name": "Sol", "email": "a@b.ec", "phone": "0991234567", "purchased_minutes": "10"} | wrong
    await boss.opens("/companies/new")
    for _ in range(2):  # the check digit of one of them is doubted first
        await boss.sends("/companies/new", **typed)
    assert boss.status in {409, 422}
    assert reason in boss.text
    kept = boss.form("/companies/new").fields
    assert {name: kept[name] for name in typed} == typed
    assert len(await desk.all_of(Company)) == 1


async def test_only_who_may_record_a_purchase_registers_a_company_with_hours(desk, vera, boss):
    await vera.opens("/companies/new")
    assert "purchased_minutes" not in vera.form("/companies/new").fields
    await vera.sends("/companies/new", ruc=GOOD, name="Favorita", purchased_minutes="90")
    assert (vera.status, "Su rol no registra horas compradas." in vera.text) == (403, True)
    assert vera.form("/companies/new").fields["name"] == "Favorita"
    assert (await desk.all_of(Company), await desk.all_of(LedgerLine)) == ([], [])
    await boss.opens("/companies/new")
    await boss.sends("/companies/new", ruc=GOOD, name="Favorita", purchased_minutes="90")
    assert boss.answer.url.path == f"/companies/{GOOD}"
    assert [line.minutes for line in await desk.all_of(LedgerLine)] == [90]
    await boss.opens("/audit?action=company.registered")
    assert "Minutos: 90" in boss.text


async def test_a_renamed_company_is_found_by_its_new_name_in_all_its_tickets(desk, database, vera, monkeypatch):
    company = await desk.registers(emails=["a@ada.ec", "b@ada.ec"], phones=["0991234567"])
    ada = await desk.greets(company)
    for subject in ("Uno", "Dos", "Tres"):
        await desk.receives(company, ada, subject)
    monkeypatch.setattr(company_record, "SLICE", 1)
    await vera.opens(f"/companies/{company.ruc}/record")
    await vera.sends("/record", name="Ñandú Importadores", email="b@ada.ec\nc@ada.ec", phone="")
    assert "La ficha quedó actualizada." in vera.text
    assert "c@ada.ec" in vera.text
    assert "a@ada.ec" not in vera.text.replace("b@ada.ec", "")

    await vera.opens("/?state=all&q=importadores")
    assert "Tres" in vera.text
    assert "Uno" not in vera.text
    await jobs.work_off(database)
    await vera.opens("/?state=all&q=importadores")
    assert all(subject in vera.text for subject in ("Uno", "Dos", "Tres"))
    (entry,) = [entry for entry in await desk.all_of(AuditEntry) if entry.action == "company.changed"]
    assert entry.data["changes"]["name"] == ["Ferretería Ada", "Ñandú Importadores"]
    assert entry.data["changes"]["phones"] == [["+593991234567"], []]


async def test_companies_stand_in_the_order_of_the_language_through_all_pages(desk, database, tom):
    for index, name in enumerate(["Zeta", "Óptica", "ñandú", "Nube", "álamo", "Beta"]):
        await desk.registers(f"17900{index:05}001", name)
    seen, after = [], ""
    async with database.read() as session:
        while not seen or after:
            page = await company_card.search(session, "", after=after, limit=2)
            seen += [company.name for company in page.companies]
            after = page.next
    assert seen == ["álamo", "Beta", "Nube", "ñandú", "Óptica", "Zeta"]
    await tom.opens("/companies")
    assert seen == sorted(seen, key=tom.text.find)


async def test_a_technician_registers_nobody(tom, desk):
    await desk.registers()
    for address in ("/companies/new", "/companies/0992345678001/record"):
        await tom.opens(address)
        assert tom.status == 403
