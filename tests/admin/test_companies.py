"""Companies in the panel, and tickets the desk opens for them."""

import pytest

from core.models import AuditEntry, Company, OutboxRow, ResetRequest, Ticket
from core.rules.permissions import Role
from core.rules.states import State


@pytest.fixture
async def company(desk):
    return await desk.registers(emails=["ada@ferreteria.ec"], phones=["0991234567"], purchased_minutes=200)


async def test_a_company_is_found_by_name_and_by_ruc(desk, tom, company):
    await desk.registers("1790012345001", "Panadería Sola")
    for words, name in (("ferreteria", "Ferretería Ada"), ("17900", "Panadería Sola")):
        await tom.opens(f"/companies?q={words}")
        assert [link for link in tom.page.links if link.startswith("/companies/")] == [
            f"/companies/{company.ruc if name == 'Ferretería Ada' else '1790012345001'}"
        ] * 2
        assert name in tom.text


async def test_the_card_says_who_is_who_and_what_is_left(desk, tom, company):
    await desk.greets(company, "Ada", 501)
    await desk.greets(company, "Bea", 502, verified=False)
    await tom.opens(f"/companies/{company.ruc}")

    for words in (
        company.ruc,
        "+593991234567",
        "ada@ferreteria.ec",
        "Ada verificado desde",
        "Bea sin verificar desde",
        "Horas compradas disponibles 3 h 20 min",
        "Bolsa hacia la próxima hora técnica 0 min",
        "Compra +200",
        "Es el RUC.",
    ):
        assert words in tom.text


async def test_many_companies_come_in_pages(desk, tom):
    for index in range(60):
        await desk.registers(f"17900{index:05}001", f"Empresa {index:02}")
    await tom.opens("/companies")
    following = next(link for link in tom.page.links if "after=" in link)
    first = {link for link in tom.page.links if link.startswith("/companies/")}
    await tom.opens(following)
    second = {link for link in tom.page.links if link.startswith("/companies/")}
    assert (len(first), len(second), len(first | second)) == (50, 10, 60)


@pytest.mark.parametrize("ruc", ["0000000000000", "x", "1" * 40])
async def test_a_company_that_does_not_exist(tom, ruc):
    await tom.opens(f"/companies/{ruc}")
    assert tom.status == 404


async def test_a_reset_needs_a_reason_tells_the_persons_and_settles_the_request(desk, database, log_in, company):
    ada = await desk.greets(company)
    async with database.write() as session:
        (await session.get_one(Company, company.id)).password_hash = "x"
        session.add(ResetRequest(person_id=ada.id, ruc=company.ruc, at=ada.created_at))
    boss = await log_in("vera", Role.SUPERVISOR)
    await boss.opens(f"/companies/{company.ruc}")
    assert "La empresa eligió la suya." in boss.text

    await boss.sends("/password-reset", reason=" ")
    assert boss.status == 422
    assert "Escriba el motivo." in boss.text

    page = boss.answer
    for _ in range(2):
        boss.answer = page
        await boss.sends("/password-reset", reason="Ada la olvidó y llamó desde su número")
        assert boss.status == 200
    assert "La contraseña vuelve a ser el RUC; se avisó" in boss.text
    assert [row.lane for row in await desk.all_of(OutboxRow)] == ["501"]
    (entry,) = [entry for entry in await desk.all_of(AuditEntry) if entry.action == "company.password_reset"]
    assert entry.data["reason"] == "Ada la olvidó y llamó desde su número"
    await boss.opens("/")
    assert "Contraseñas olvidadas" not in boss.text


async def test_a_technician_does_not_reset(desk, tom, company):
    await tom.opens(f"/companies/{company.ruc}")
    assert not any(form.action.endswith("/password-reset") for form in tom.page.forms)
    csrf = tom.form("/logout").fields["csrf"]
    answer = await tom.client.post(
        f"/companies/{company.ruc}/password-reset",
        data={"csrf": csrf, "reason": "x"},
        headers={"Origin": tom.origin},
    )
    assert answer.status_code == 403


async def test_an_auditor_opens_no_ticket(desk, log_in, company):
    vera = await log_in("vera", Role.AUDITOR)
    await vera.opens("/tickets/new")
    assert vera.status == 403
    await vera.opens(f"/companies/{company.ruc}")
    assert f"/tickets/new?company={company.ruc}" not in vera.page.links


# --- a ticket the desk opens ------------------------------------------------------------------------

FILLED = {"service": "support", "product": "SaciAnex ATS", "subject": "Llamó por el ATS", "text": "No genera el XML."}


@pytest.mark.parametrize("company_field", ["0992345678001", "ferretería ada", "0992 345678 001"])
async def test_a_ticket_for_a_customer_starts_open_and_is_made_once(desk, tom, company, company_field):
    await tom.opens("/tickets/new")
    page = tom.answer
    for _ in range(2):
        tom.answer = page
        await tom.sends("/tickets/new", company=company_field, **FILLED)
        assert tom.answer.url.path == "/tickets/1001"
    (ticket,) = await desk.all_of(Ticket)
    assert ticket.state is State.OPEN
    assert "No genera el XML." in tom.text


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"company": ""}, "Escriba el RUC o el nombre"),
        ({"company": "1790012345001"}, "Ninguna empresa tiene este RUC."),
        ({"company": "nadie"}, "Escriba el RUC o el nombre"),
        ({"service": ""}, "Elija el servicio."),
        ({"product": ""}, "producto"),
        ({"service": "development", "product": "SaciAnex ATS"}, "producto"),
        ({"subject": " "}, "asunto"),
        ({"subject": "x" * 121}, "asunto"),
        ({"text": ""}, "Escriba un texto."),
    ],
)
async def test_a_new_ticket_that_lacks_something_comes_back_filled_in(desk, tom, company, wrong, reason):
    typed = {"company": company.ruc, **FILLED, **wrong}
    await tom.opens("/tickets/new")
    await tom.sends("/tickets/new", **typed)

    assert tom.status == 422
    assert reason in tom.text
    kept = tom.form("/tickets/new").fields
    assert {name: kept[name] for name in ("company", "subject", "text")} == {
        "company": typed["company"],
        "subject": (" ".join(typed["subject"].split()) and typed["subject"]) or typed["subject"],
        "text": typed["text"],
    }
    assert await desk.all_of(Ticket) == []


async def test_a_name_of_two_companies_is_asked_about(desk, tom, company):
    await desk.registers("1790012345001", "Ferretería Bolívar")
    await tom.opens("/tickets/new")
    await tom.sends("/tickets/new", company="ferretería", **FILLED)

    assert tom.status == 422
    assert "elija una" in tom.text
    assert "Ferretería Bolívar 1790012345001" in tom.text
    assert (
        '<button class="quiet" name="company" value="1790012345001" formaction="/tickets/new/company'
        in tom.answer.text
    )
    kept = tom.form("/tickets/new").fields  # the button that is pressed comes behind what was typed
    await tom.sends("/tickets/new", to="/tickets/new/company", **FILLED, company=[kept["company"], "1790012345001"])
    assert "Ferretería Bolívar 1790012345001" in tom.text
    assert "elija una" not in tom.text
    await tom.sends("/tickets/new")
    assert tom.is_at("/tickets/1001")
    (ticket,) = await desk.all_of(Ticket)
    assert (await desk.ticket(ticket.number)).company.ruc == "1790012345001"


async def test_the_page_of_a_company_leads_to_its_new_ticket(desk, tom, company):
    await tom.opens(f"/companies/{company.ruc}")
    await tom.opens(f"/tickets/new?company={company.ruc}")
    assert tom.form("/tickets/new").fields["company"] == company.ruc


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_administrator_says_by_which_clock_a_company_lives(desk, database, log_in, company):
    vera = await log_in("vera", role=Role.ADMINISTRATOR)
    await vera.opens(f"/companies/{company.ruc}")
    await vera.sends("/clock", timezone="Pacific/Galapagos")
    assert "Quedó anotada la zona horaria" in vera.text
    async with database.read() as session:
        assert (await session.get_one(Company, company.id)).timezone == "Pacific/Galapagos"
    await vera.sends("/clock", timezone="Mars/Olympus")
    assert "Elija una de las zonas horarias." in vera.text
