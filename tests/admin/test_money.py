"""Money at the counter of the panel: too few purchased hours, a stale form, a corrected closing, time."""

from datetime import timedelta

import pytest
import time_machine

from core.actions import closing, tickets
from core.clock import now
from core.models import AuditEntry, LedgerLine, OutboxRow, Report, TicketClosure, TimeEntry, Timer
from core.models import Technician as Staff
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.rules.ledger import Account, LineKind
from core.rules.permissions import Role

WORDS = {"cause": "Instalación", "solution": "Quedó instalado"}


@pytest.fixture
def backend():
    return "sqlite"  # pages; what the databases do differently is tested beside the actions


@pytest.fixture
async def company(desk):
    return await desk.registers(purchased_minutes=20)


@pytest.fixture
async def ada(desk, company):
    return await desk.greets(company)


@pytest.fixture
async def ticket(desk, company, ada):
    return await desk.receives(company, ada)


@pytest.fixture
async def sofia(log_in):
    return await log_in("vera", Role.SUPERVISOR)


async def lines(desk, account):
    return [
        (line.kind, line.minutes)
        for line in await desk.all_of(LedgerLine)
        if line.account is account and line.closure_id
    ]


async def test_too_few_purchased_hours_are_refused_and_split_by_choice(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/closure", closure="implementation", minutes="50", **WORDS)
    assert "Las horas compradas no alcanzan." in tom.text
    assert "Solo un supervisor puede autorizar un sobregiro de las horas compradas." in tom.text
    assert tom.form("/closure").disabled >= {"overdraft"}
    assert tom.form("/closure").fields["cause"] == "Instalación"
    assert await desk.all_of(TicketClosure) == []

    await tom.sends("/closure", shortfall="split")
    assert await lines(desk, Account.PURCHASED) == [(LineKind.CLOSURE, -20)]
    assert await lines(desk, Account.BAG) == [(LineKind.CLOSURE, 30)]


async def test_a_supervisor_authorises_an_overdraft_that_is_shown_plainly(desk, sofia, ticket):
    await sofia.opens(f"/tickets/{ticket.number}")
    typed = {"closure": "implementation", "minutes": "50", "shortfall": "overdraft"}
    await sofia.sends("/closure", to=f"/tickets/{ticket.number}/closure/preview", **typed, **WORDS)
    assert "Horas compradas: 20 min → -30 min. Sobregiro autorizado: quedan 30 min en contra." in sofia.text
    await sofia.sends("/closure")
    assert "-30 min" in sofia.text
    assert await lines(desk, Account.PURCHASED) == [(LineKind.CLOSURE, -50)]
    assert "closing.overdraft" in {entry.action for entry in await desk.all_of(AuditEntry)}


async def test_a_form_overtaken_by_another_closing_says_what_changed_and_keeps_every_word(
    desk, office, tom, ticket, company, ada
):
    await tom.opens(f"/tickets/{ticket.number}")
    typed = {"closure": "invoiced", "minutes": "15", **WORDS}
    await tom.sends("/closure", to=f"/tickets/{ticket.number}/closure/preview", **typed)
    other = await desk.receives(company, ada)
    async with desk.database.write() as session:
        actor = await session.get_one(Staff, (await desk.employ("vera")).id)
        found = await by_number(session, other.number, lock=True)
        request = ClosureRequest(Closure.INVOICED, "Error", "Hecho", 45)
        await closing.close(session, actor, found, request, office=office)
        await tickets.log_time(session, actor, await by_number(session, ticket.number, lock=True), minutes=7)

    await tom.sends("/closure")
    assert tom.status == 409
    assert "Algo cambió mientras escribía." in tom.text
    assert "Bolsa de la empresa: 0 → 45 min." in tom.text
    assert "Tiempo registrado: 0 → 7 min." in tom.text
    assert "Bolsa: 45 + 15 = 60 min → 1 hora técnica por facturar, quedan 0 min." in tom.text
    assert tom.form("/closure").fields["solution"] == "Quedó instalado"

    await tom.sends("/closure")
    assert len(await desk.all_of(TicketClosure)) == 2


async def test_a_closing_is_corrected_by_counter_entry_with_a_new_report(desk, sofia, ticket):
    await sofia.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/closure", closure="invoiced", minutes="30", **WORDS)
    assert sofia.form("/reclassify").disabled >= {"unsuccessful"}
    await sofia.sends("/reclassify", closure="invoiced", minutes="30")
    assert "El ticket ya está cerrado de esta manera y con estos minutos." in sofia.text
    await sofia.sends("/reclassify", closure="warranty", minutes="30")

    assert (await desk.ticket(ticket.number)).state == "warranty"
    assert await lines(desk, Account.BAG) == [(LineKind.CLOSURE, 30), (LineKind.REVERSAL, -30)]
    first, second = await desk.all_of(TicketClosure)
    assert (second.number, second.replaces_id, second.real_minutes) == (2, first.id, 30)
    assert "closing.reclassified" in {entry.action for entry in await desk.all_of(AuditEntry)}


async def test_wrong_minutes_of_a_closing_are_put_right_with_a_reason(desk, sofia, ticket):
    await sofia.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/time", minutes="25", note="Revisión")
    await sofia.sends("/closure", closure="invoiced", minutes="400", **WORDS)
    assert "Así se cerró: elíjalo para corregir sus minutos." in sofia.text
    await sofia.sends("/reclassify", closure="invoiced", minutes="40")
    assert sofia.status == 422
    assert "Escriba por qué cambian los minutos." in sofia.text
    assert "40 min trabajados, 40 min facturados." in sofia.text
    await sofia.sends("/reclassify", closure="invoiced", minutes="40", reason="Eran 40, no 400")

    assert (await desk.ticket(ticket.number)).state == "invoiced"
    first, second = await desk.all_of(TicketClosure)
    assert (first.charged_minutes, second.charged_minutes, second.replaces_id) == (400, 40, first.id)
    assert [entry.minutes for entry in await desk.all_of(TimeEntry)] == [25, 15]
    assert len(await desk.all_of(Report)) == 2
    (entry,) = [one for one in await desk.all_of(AuditEntry) if one.action == "closing.reclassified"]
    assert (entry.data["changes"], entry.data["reason"]) == ({"minutes": [400, 40]}, "Eran 40, no 400")
    await sofia.opens(f"/audit?on={ticket.number}")
    assert "Minutos: 400 → 40" in sofia.text


async def test_a_timer_survives_the_tab_and_a_correction_leaves_its_trail(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/timer/start")
    await tom.opens("/")
    assert f"Cronómetro en marcha: #{ticket.number}" in tom.text

    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/stop")
    (entry,) = await desk.all_of(TimeEntry)
    assert entry.minutes == 1
    assert await desk.all_of(Timer) == []

    await tom.sends("/correction", minutes="12", reason="Olvidé iniciarlo")
    assert tom.form("/closure").fields["minutes"] == "12"
    assert "Tom corrigió 1 → 12 min" in tom.text
    await tom.sends("/correction", minutes="5", reason="")
    assert "Escriba el motivo." in tom.text
    assert (await desk.all_of(TimeEntry))[0].minutes == 12


async def test_minutes_of_ones_own_running_timer_are_not_given_away(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/timer/start")
    with time_machine.travel(now() + timedelta(minutes=25), tick=True):
        await tom.sends("/closure", closure="warranty", minutes="1", **WORDS)
        assert tom.status == 422
        assert "Su cronómetro está en marcha y ha contado más" in tom.text
        assert tom.form("/closure").fields["solution"] == WORDS["solution"]
        assert len(await desk.all_of(Timer)) == 1
        await tom.sends("/closure", minutes="23")  # writing the form took a while
    (entry,) = await desk.all_of(TimeEntry)
    assert entry.minutes == 23
    assert await desk.all_of(Timer) == []


async def test_minutes_from_before_a_reopening_are_explained(desk, sofia, ticket):
    await sofia.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/closure", closure="invoiced", minutes="50", **WORDS)
    assert "se suman solos" not in sofia.text
    await sofia.sends("/reopen", reason="Sigue igual")
    assert "El total desde que el ticket se abrió por última vez." in sofia.text
    assert "Los 50 min de antes se suman solos: no los cuente otra vez." in sofia.text
    typed = {"closure": "invoiced", "minutes": "0", **WORDS}
    await sofia.sends("/closure", to=f"/tickets/{ticket.number}/closure/preview", **typed)
    assert "0 min trabajados, 50 min facturados." in sofia.text
    assert "Incluye 50 min de antes de reabrirlo." in sofia.text
    assert "Tampoco se cobran los 50 min de antes de reabrirlo, ni ahora ni después." in sofia.text, "if it were free"
    await sofia.sends("/closure")
    told = [row for row in await desk.all_of(OutboxRow) if "Incluye 50 min de antes" in str(row.payload)]
    assert len(told) == 1


async def test_a_colleagues_timer_keeps_the_ticket_open(desk, tom, sofia, ticket):
    await sofia.opens(f"/tickets/{ticket.number}")
    await sofia.sends("/timer/start")
    await tom.opens(f"/tickets/{ticket.number}")
    assert "El cronómetro de un compañero está en marcha" in tom.text
    await tom.sends("/stop")
    assert [entry.technician_id for entry in await desk.all_of(TimeEntry)] == [
        technician.id for technician in await desk.all_of(Staff) if technician.username == "vera"
    ]


async def test_the_card_beside_a_ticket_says_what_runs_out_and_what_is_not_closed_yet(tom, ticket, company):
    await tom.opens(f"/tickets/{ticket.number}")
    assert "saldo bajo" in tom.text
    await tom.sends("/time", minutes="7", note="")
    for page in (f"/tickets/{ticket.number}", f"/companies/{company.ruc}"):
        await tom.opens(page)
        assert "En tickets sin cerrar 7 min" in tom.text
        assert "saldo bajo" in tom.text
