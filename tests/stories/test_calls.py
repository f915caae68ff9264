"""Calls that came to nothing ask when to call; the hour a customer chooses is kept until the call is made."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.actions import appointments
from core.clock import now
from core.models import Appointment, AppointmentState, Company, Ticket
from core.rules.states import State
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA
from tests.stories.test_alerts import alerts_of, linked
from tests.stories.test_requests import always_open

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def states(live: LiveDesk) -> list[AppointmentState]:
    async with live.database.read() as session:
        return list(await session.scalars(select(Appointment.state).order_by(Appointment.id)))


async def test_a_call_nobody_answered_becomes_one_that_is_agreed(live: LiveDesk, ada: Customer, tom: Staff):
    await always_open(live)
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.does(number, "/calls", outcome="no_answer", phone="0991234567")
    push = await ada.last()
    assert "Le llamamos a las" in push.text
    assert "¿Cuándo le llamamos?" in push.text
    await ada.taps(push.buttons[1], on=push)
    agreed = push.buttons[1].lower()
    assert f"Le llamamos el {agreed}." in (await ada.last()).text
    assert "Llamada acordada para el" in await tom.sees(number)
    await ada.taps_data(f"ticket:{number}")
    assert f"Le llamamos el {agreed}." in (await ada.last()).text

    # the hour has come and nobody has called
    phone = await live.customer("Tomás", "+593955555555")
    await linked(live, tom, phone)
    async with live.database.write() as session:
        await session.execute(update(Appointment).values(at=now() - timedelta(minutes=5)))
    for _ in range(2):
        async with live.database.write() as session:
            await appointments.remind_due(session, office=live.office)
    await live.settle()
    (told,) = await alerts_of(phone)
    assert f"Recordatorio #{number}" in told
    assert "Llamada acordada para el" in told
    await tom.browser.opens("/")
    assert "Llamadas por hacer" in tom.browser.text
    assert "atrasada" in tom.browser.text
    await tom.browser.opens("/companies")
    assert "Llamadas acordadas para ahora: #" in tom.browser.text

    await tom.does(number, "/calls", outcome="busy")
    assert "la línea estaba ocupada" in (await ada.last()).text
    assert await states(live) == [AppointmentState.CALLED]
    await ada.taps((await ada.last()).buttons[0])
    await tom.does(number, "/calls", outcome="connected")
    assert await states(live) == [AppointmentState.CALLED, AppointmentState.CALLED]
    await tom.browser.opens("/")
    assert "Llamadas por hacer" not in tom.browser.text


async def test_another_hour_takes_the_place_of_the_first_and_closing_ends_it(
    live: LiveDesk, ada: Customer, tom: Staff
):
    await always_open(live)
    async with live.database.write() as session:
        await session.execute(update(Company).where(Company.ruc == ANDINA).values(timezone="Pacific/Galapagos"))
    (number,) = await live.has_tickets(ada, ["No imprime"])
    for _ in range(2):
        await tom.replies(number, "", asks="time")
        await ada.taps((await ada.last()).buttons[0])
    page = await tom.sees(number)
    assert "en la mesa de ayuda)" in page, "two clocks, and both are said"
    assert await states(live) == [AppointmentState.CANCELLED, AppointmentState.AGREED]
    await tom.closes(number, as_="warranty", minutes=5)
    assert await states(live) == [AppointmentState.CANCELLED, AppointmentState.CANCELLED]


async def test_a_wrong_number_is_asked_for_in_words(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.does(number, "/calls", outcome="wrong_number", phone="0990000000")
    push = await ada.last()
    assert "Llamamos al 0990000000" in push.text
    assert "¿A qué número le llamamos?" in push.text
    assert push.buttons == ["Responder", "Ver ticket"]
    async with live.database.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert ticket.state is State.OPEN
