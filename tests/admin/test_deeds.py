"""Links between tickets, and another service, in the panel."""

import asyncio

import pytest

from core.models import AuditEntry, OutboxRow, Product, TicketLink
from core.queries.tickets import by_number
from core.rules.permissions import Role
from core.rules.services import Service
from tests import databases


@pytest.fixture
async def ada(desk):
    company = await desk.registers()
    return company, await desk.greets(company)


async def test_a_link_is_shown_on_both_sides_made_once_and_taken_away(desk, tom, ada):
    one, two = await desk.receives(*ada, "No imprime"), await desk.receives(*ada, "Sigue sin imprimir")
    await tom.opens(f"/tickets/{two.number}")
    page = tom.answer
    for _ in range(2):
        tom.answer = page
        await tom.sends("/links", number=f"#{one.number}")
        assert tom.status == 200
    assert len(await desk.all_of(TicketLink)) == 1
    assert f"Tom lo vinculó con #{one.number}" in tom.text
    await tom.opens(f"/tickets/{one.number}")
    assert f"Tom lo vinculó con #{two.number}" in tom.text
    assert f"/tickets/{two.number}" in tom.page.links
    await tom.sends(f"/links/{two.number}/remove")
    assert f"Tom quitó el vínculo con #{two.number}" in tom.text
    assert await desk.all_of(TicketLink) == []
    assert await desk.all_of(OutboxRow) == [], "no customer hears of it"


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_of_two_who_join_two_tickets_both_ways_at_once_one_is_told_why_not(desk, database, tom, ada, log_in):
    one, two = await desk.receives(*ada, "No imprime"), await desk.receives(*ada, "Sigue sin imprimir")
    ines = await log_in("ines")
    async with database.write() as session:
        await by_number(session, one.number, lock=True)
        asked = []
        for who, ticket, other in ((tom, one, two), (ines, two, one)):
            await who.opens(f"/tickets/{ticket.number}")
            asked.append(asyncio.create_task(who.sends("/merge", into=str(other.number))))
            await databases.waits_for_lock(database, len(asked))
    await asyncio.gather(*asked)
    assert (tom.status, ines.status) == (200, 409)
    assert "Este ticket se unió a otro y continúa ahí:" in tom.text
    assert "Tom unió " in ines.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_link_needs_another_ticket_that_is_there(desk, tom, ada, log_in):
    ticket = await desk.receives(*ada)
    for typed, reason in (
        (str(ticket.number), "este mismo ticket"),
        ("999", "No existe el ticket #999."),
        ("x", "Escriba el número de un ticket."),
    ):
        await tom.opens(f"/tickets/{ticket.number}")
        await tom.sends("/links", number=typed)
        assert tom.status == 422
        assert reason in tom.text
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/links", number=typed)
    vera = await log_in("vera", Role.AUDITOR)
    await vera.opens(f"/tickets/{ticket.number}")
    assert not any("/links" in form.action or form.action.endswith("/service") for form in vera.page.forms)


async def product(desk, service: Service, label: str) -> str:
    return next(str(one.id) for one in await desk.all_of(Product) if (one.service, one.label) == (service, label))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_another_product_is_changed_at_once_and_nobody_is_told(desk, tom, ada):
    ticket = await desk.receives(*ada)
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/service", product=await product(desk, Service.SUPPORT, "SaciAnex ATS"))
    assert "Tom lo cambió a Soporte Técnico, SaciAnex ATS; era Soporte Técnico, SaciJava" in tom.text
    assert await desk.all_of(OutboxRow) == []
    await tom.opens("/?q=saciAnex")
    assert f"/tickets/{ticket.number}" in tom.page.links
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/service", product=await product(desk, Service.SUPPORT, "SaciAnex ATS"))
    assert "ya tiene ese servicio" in tom.text
    (entry,) = [entry for entry in await desk.all_of(AuditEntry) if entry.action == "ticket.service_changed"]
    assert entry.data["product"] == "SaciAnex ATS"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_who_cannot_be_asked_cannot_accept(desk, tom):
    company = await desk.registers()
    await tom.opens(f"/tickets/new?company={company.ruc}")
    await tom.sends("/tickets/new", service="support", product="SaciJava", subject="Llamó", text="Quiere un reporte.")
    await tom.sends("/service", product=await product(desk, Service.DEVELOPMENT, "SaciJava"))
    assert tom.status == 409
    assert "No hay nadie de esta empresa en Telegram a quien preguntar" in tom.text
    assert (await desk.ticket(1001)).service is Service.SUPPORT
