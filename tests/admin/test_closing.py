"""Closing from the panel: what is legal, what it would do, and doing it once."""

import pytest

from core.models import LedgerLine, OutboxRow, Report, TicketClosure
from core.rules.services import Service
from tests.render.snapshots import words_of


@pytest.fixture
async def company(desk):
    return await desk.registers(emails=["ada@ferreteria.ec"], purchased_minutes=20)


@pytest.fixture
async def ada(desk, company):
    return await desk.greets(company)


@pytest.fixture
async def ticket(desk, company, ada):
    return await desk.receives(company, ada)


async def test_the_form_says_what_each_closure_is_for_and_why_it_is_not_legal(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    form = tom.form("/closure")

    assert form.choices["closure"] == ["warranty", "implementation", "unsuccessful", "invoiced"]
    assert form.disabled == {"unsuccessful", "overdraft"}
    for words in (
        "Cerrado por garantía",
        "Cerrado por implementación",
        "Cerrado sin éxito",
        "Cerrado y facturado",
        "Falla del sistema",
        "Error del usuario",
        "Faltan intentos de llamada",
        "Se necesitan 2, hay 0.",
        "0 min trabajados, 15 min facturados. Bolsa: 0 + 15 = 15 min; faltan 45 min para una hora técnica.",
    ):
        assert words in tom.text


async def test_a_development_request_is_invoiced_only(desk, tom, company, ada):
    wish = await desk.receives(company, ada, "Un informe nuevo", service=Service.DEVELOPMENT)
    await tom.opens(f"/tickets/{wish.number}")
    assert tom.form("/closure").disabled == {"warranty", "implementation", "unsuccessful"}


async def test_what_the_desk_opened_a_ticket_with_is_no_solution(tom, company, ada):
    await tom.opens("/tickets/new")
    typed = {
        "service": "support",
        "product": "SaciJava",
        "subject": "Inventario",
        "text": "Llamó: no cuadra el kardex.",
    }
    await tom.sends("/tickets/new", company=company.ruc, told="all", **typed)
    form = tom.form("/closure")
    assert form.fields["cause"] == "Se reportó: Llamó: no cuadra el kardex."
    assert form.fields["solution"] == ""


async def test_the_report_is_drafted_from_the_conversation_and_completed(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    assert tom.form("/closure").fields["solution"] == ""
    for text in ("Se instaló el parche de septiembre y ya imprime.", "¿Puede confirmarlo?"):
        await tom.sends("/reply", text=text)
    await tom.sends("/note", text="El cliente no había actualizado.")
    form = tom.form("/closure")
    assert form.fields["cause"] == "Se reportó: Desde ayer sale en blanco."
    assert form.fields["solution"] == "Se instaló el parche de septiembre y ya imprime."
    assert "Propuesta tomada de la conversación: revísela y complétela." in tom.text
    await tom.sends("/closure", closure="warranty", cause="Faltaba un parche", minutes="10")
    (closure,) = await desk.all_of(TicketClosure)
    assert (closure.cause, closure.solution) == (
        "Faltaba un parche",
        "Se instaló el parche de septiembre y ya imprime.",
    )


async def test_the_consequence_is_shown_before_and_nothing_typed_is_lost(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/time", minutes="50")
    assert tom.form("/closure").fields["minutes"] == "50"

    await tom.sends(
        "/closure",
        to=f"/tickets/{ticket.number}/closure/preview",
        closure="invoiced",
        cause="Configuración cambiada",
        solution="",
        minutes="75",
    )
    assert tom.status == 200
    assert (
        "Cerrado y facturado: 75 min trabajados, 75 min facturados. "
        "Bolsa: 0 + 75 = 75 min → 1 hora técnica por facturar, quedan 15 min. Quedan 20 min de implementación."
    ) in tom.text
    kept = tom.form("/closure").fields
    assert (kept["closure"], kept["cause"], kept["minutes"]) == ("invoiced", "Configuración cambiada", "75")
    assert await desk.all_of(TicketClosure) == []


async def test_the_script_gets_the_line_alone(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    answer = await tom.sends(
        "/closure",
        to=f"/tickets/{ticket.number}/closure/preview",
        closure="implementation",
        minutes="15",
        fragment="1",
    )
    assert answer.text.count("<html") == 0
    assert "15 min descontados. Horas compradas: 20 min → 5 min." in tom.text


async def test_a_preview_says_why_it_cannot_be(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends(
        "/closure",
        to=f"/tickets/{ticket.number}/closure/preview",
        closure="implementation",
        minutes="21",
        fragment="1",
    )
    assert "Las horas compradas no alcanzan." in tom.text


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"closure": "", "cause": "x", "solution": "x"}, "Elija cómo se cierra el ticket."),
        ({"closure": "invoiced", "cause": "", "solution": "x"}, "Escriba la causa."),
        ({"closure": "invoiced", "cause": "x", "solution": " "}, "Escriba la solución."),
        ({"closure": "invoiced", "cause": "x", "solution": "x", "minutes": ""}, "Escriba los minutos"),
        ({"closure": "invoiced", "cause": "x", "solution": "x", "minutes": "-1"}, "no pueden ser negativos"),
        ({"closure": "invoiced", "cause": "x", "solution": "x", "minutes": "dos"}, "Escriba un número entero."),
    ],
)
async def test_what_is_missing_is_said_beside_the_field(desk, tom, ticket, typed, reason):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/closure", **typed)

    assert tom.status == 422
    assert reason in tom.text
    assert tom.form("/closure").fields["cause"] == typed["cause"]
    assert ("Bolsa: 0 + 15 = 15 min;" in tom.text.rpartition("Consecuencia")[2]) == (
        typed["closure"] == "invoiced" and "minutes" not in typed
    )
    assert await desk.all_of(TicketClosure) == []


async def test_an_illegal_closing_is_a_conflict_with_its_reasons(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/closure", closure="unsuccessful", cause="No contesta nadie", solution="")

    assert tom.status == 409
    assert "Faltan intentos de llamada" in tom.text
    assert tom.form("/closure").fields["cause"] == "No contesta nadie"


async def test_the_report_is_read_through_before_anything_closes(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    page = tom.answer
    address = f"/tickets/{ticket.number}/closure/report"
    await tom.sends("/closure", to=address, closure="invoiced", cause="Borró un archivo", solution="", minutes="4")
    words = words_of(tom.answer.content)
    for said in (
        "Borrador del informe técnico",
        "Borró un archivo",
        "Cerrado y facturado",
        "15 min",
        "Desde ayer sale en blanco.",
        "no se ha cerrado, cargado ni enviado nada",
    ):
        assert said in words
    assert "SHA-256" not in words
    assert await desk.all_of(TicketClosure) == []
    assert await desk.all_of(Report) == []
    tom.answer = page
    await tom.sends("/closure", to=address, closure="", cause="Borró un archivo")
    assert tom.status == 422
    assert "Elija cómo se cierra el ticket." in tom.text


async def test_closing_twice_charges_once_and_sends_one_report(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    page = tom.answer
    for _ in range(2):
        tom.answer = page
        await tom.sends("/closure", closure="invoiced", cause="Borró un archivo", solution="Restaurado", minutes="4")
        assert tom.status == 200

    (closure,) = await desk.all_of(TicketClosure)
    assert (closure.real_minutes, closure.charged_minutes) == (4, 15)
    assert [line.minutes for line in await desk.all_of(LedgerLine)] == [20, 15]
    assert sorted(row.channel for row in await desk.all_of(OutboxRow)) == ["email", "telegram"]
    assert "Tom cerró el ticket: Cerrado y facturado" in tom.text
    assert "4 min trabajados, 15 min cargados." in tom.text
    assert "Correo · ada@ferreteria.ec: en cola" in tom.text
    assert "Cerrar ticket" not in tom.text


async def test_two_forms_two_technicians_one_closing(desk, tom, log_in, ticket):
    lea = await log_in("lea")
    for browser in (tom, lea):
        await browser.opens(f"/tickets/{ticket.number}")
    await tom.sends("/closure", closure="warranty", cause="Error", solution="Corregido")
    await lea.sends("/closure", closure="invoiced", cause="Lo que vi yo", solution="Lo que hice yo")

    assert lea.status == 409
    assert "El ticket ya está cerrado." in lea.text
    assert "Tom cerró el ticket: Cerrado por garantía" in lea.text[: lea.text.index("Causa")]
    kept = lea.form("/closure").fields
    assert (kept["cause"], kept["solution"]) == ("Lo que vi yo", "Lo que hice yo")
    assert len(await desk.all_of(TicketClosure)) == 1


async def test_the_report_is_there_once_it_is_drawn(desk, database, tom, ticket, store):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/closure", closure="warranty", cause="Error", solution="Corregido")
    assert "El informe se está generando." in tom.text
    address = f"/tickets/{ticket.number}/report.pdf"
    assert (await tom.client.get(address)).status_code == 404

    stored = await store.put(b"%PDF-1.7 informe")
    async with database.write() as session:
        report = await session.get_one(Report, 1)
        report.pdf_sha256, report.pdf_size = stored.sha256, stored.size
    await tom.opens(f"/tickets/{ticket.number}")
    assert f"{address}?closure=1" in tom.page.links
    for query in ("", "?closure=1"):
        answer = await tom.client.get(address + query)
        assert answer.content == b"%PDF-1.7 informe"
        assert answer.headers["content-type"] == "application/pdf"
        assert f"informe-{ticket.number}.pdf" in answer.headers["content-disposition"]
    for query in ("?closure=2", "?closure=x", "?closure=99999999999"):
        assert (await tom.client.get(address + query)).status_code == 404
