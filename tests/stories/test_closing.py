"""Closing: the four ways, what they cost, and who hears of it."""

import asyncio
import io
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import select

from core.clock import now
from core.models import LedgerLine, TechnicalHour, TechnicalHourPart
from core.rules.ledger import Account
from tests.desk import Customer, LiveDesk, Staff, sha256


async def ledger(live: LiveDesk, account: Account) -> list[int]:
    async with live.database.read() as session:
        query = select(LedgerLine.minutes).where(LedgerLine.account == account).order_by(LedgerLine.id)
        return list(await session.scalars(query))


@pytest.mark.parametrize(
    ("closure", "words", "line"),
    [
        ("warranty", "Cerrado por garantía", "20 min, sin costo"),
        ("implementation", "Cerrado por implementación", "le quedan 9 h 40 min"),
        ("invoiced", "Cerrado y facturado", "Facturado: 20 min"),
    ],
)
async def test_every_closure_is_announced_with_its_minutes(
    live: LiveDesk, ada: Customer, tom: Staff, closure: str, words: str, line: str
):
    number = await ada.opens_ticket("No imprime")
    await tom.closes(number, as_=closure, minutes=20)
    push = await ada.finds(words)
    assert line in push.text
    document = await ada.bytes_of(push)
    mail = (await live.mails())[-1]
    assert words in mail["text"]
    assert mail["attachments"][0]["sha256"] == sha256(document)
    report = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages)
    assert f"#{number}" in report
    assert "No imprime" in report
    assert "Abrir el ticket en" in report
    answer = await tom.browser.client.get(f"/tickets/{number}/report.pdf")
    assert answer.content == document


async def test_a_cause_of_any_length_is_read_whole_in_the_chat(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    before, cause = len(await ada.reads()), " ".join(f"línea{n}" for n in range(1000))
    await tom.closes(number, as_="warranty", minutes=5, cause=cause)
    told = " ".join(said.text for said in (await ada.reads())[before:])
    assert [word for word in cause.split() if word not in told.split()] == []
    assert told.count("Solución: Se encendió la impresora.") == 1

    other = await ada.opens_ticket("No suma el IVA")
    await tom.browser.opens(f"/tickets/{other}")
    await tom.browser.sends("/closure", closure="warranty", minutes="5", cause="x" * 20_001, solution="Hecho")
    assert tom.browser.status == 422
    assert "El texto es demasiado largo" in tom.browser.text


async def test_without_success_needs_two_calls_in_vain(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    assert "llamad" in await tom.sees(number)
    for outcome in ("no_answer", "busy"):
        await tom.does(number, "/calls", outcome=outcome)
    await tom.closes(number, as_="unsuccessful", minutes=6, cause="No contesta")
    push = await ada.finds("Cerrado sin éxito")
    assert "6 min, sin costo" in push.text
    assert await ledger(live, Account.BAG) == []


async def test_minutes_add_up_to_a_technical_hour_over_tickets(live: LiveDesk, ada: Customer, tom: Staff):
    spent = (4, 20, 25)
    numbers = await live.has_tickets(ada, [f"Consulta de {minutes}" for minutes in spent])
    for minutes, number in zip(spent, numbers, strict=True):
        await tom.closes(number, as_="invoiced", minutes=minutes)
    assert await ledger(live, Account.BAG) == [15, 20, 25, -60]
    assert "1 hora técnica" in (await ada.finds("Consulta de 25")).text
    async with live.database.read() as session:
        assert len((await session.scalars(select(TechnicalHour))).all()) == 1
        assert list(await session.scalars(select(TechnicalHourPart.minutes))) == [15, 20, 25]


async def test_two_closings_at_the_same_instant_stay_exact(live: LiveDesk, ada: Customer, tom: Staff):
    numbers = await live.has_tickets(ada, [f"Consulta {turn}" for turn in range(3)])
    async with live.employee("sofia", "Sofía Paz") as sofia, live.employee("luis", "Luis Gil") as luis:
        people = [tom, sofia, luis]
        for person, number in zip(people, numbers, strict=True):
            await person.browser.opens(f"/tickets/{number}")
        typed = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": "25"}
        await asyncio.gather(*(person.browser.sends("/closure", **typed) for person in people))
        await live.settle()
        assert [person.browser.status for person in people] == [200, 200, 200]
    assert sorted(await ledger(live, Account.BAG)) == [-60, 25, 25, 25]


async def test_too_few_purchased_hours_are_refused_and_nothing_is_lost(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("Instalación")
    await tom.browser.opens(f"/tickets/{number}")
    typed = {"closure": "implementation", "cause": "Instalación", "solution": "Una solución larga", "minutes": "601"}
    await tom.browser.sends("/closure", **typed)
    assert tom.browser.status in {409, 422}
    assert "Una solución larga" in tom.browser.text
    assert await ledger(live, Account.PURCHASED) == [600, 600], "the two companies' purchases, and nothing else"
    assert not [said for said in await ada.reads() if "Cerrado" in said.text]


async def test_pending_tells_the_customer_and_stays_when_they_write(live: LiveDesk, ada: Customer, tom: Staff):
    async with live.employee("dora", "Dora Castillo", is_development=True):
        number = await ada.opens_ticket("Nuevo reporte")
        dora = str(await live.technician_id("dora"))
        day = live.office.t.date(now() + timedelta(days=90))
        typed = f"{day[6:]}-{day[3:5]}-{day[:2]}T10:00"
        await tom.does(number, "/pending", remind_at=typed, responsible=dora)
        push = await ada.last()
        assert "Pendiente de recordatorio" in push.text
        assert day in push.text
        await ada.says("¿Cómo va?", reply_to=push.id)
        page = await tom.sees(number)
        assert "¿Cómo va?" in page
        assert "responsable: Dora Castillo" in page
        assert "Pendiente de recordatorio" in page


async def test_the_consequence_is_shown_before_it_happens(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("Consulta")
    await tom.browser.opens(f"/tickets/{number}")
    typed = {"closure": "invoiced", "cause": "", "solution": "", "minutes": "130"}
    await tom.browser.sends("/closure", to=f"/tickets/{number}/closure/preview", **typed)
    assert "130" in tom.browser.text
    assert "2 horas técnicas" in tom.browser.text
    assert "Bolsa: 0 + 130 = 130 min → 2 horas técnicas por facturar, quedan 10 min." in tom.browser.text
    assert await ledger(live, Account.BAG) == []


async def test_a_company_without_e_mail_closes_with_a_visible_warning(live: LiveDesk, tom: Staff):
    await live.company("0190000001001", "Sin Correo", password="paraguas verde", emails=())
    bea = await live.customer("Bea", "+593990000003")
    await bea.logs_in("0190000001001", "paraguas verde")
    number = await bea.opens_ticket("No imprime")
    assert "no tiene correo" in await tom.sees(number)
    await tom.closes(number, as_="warranty", minutes=5)
    assert (await bea.finds("Cerrado por garantía")).document == f"informe-{number}.pdf"
    assert await live.mails() == []
