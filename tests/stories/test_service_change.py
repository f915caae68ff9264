"""A ticket becomes Development, which costs, by the customer's tap and by nothing else."""

import pytest
from sqlalchemy import select

from core.models import Product, Ticket
from core.rules.services import Service
from tests.desk import Customer, LiveDesk, Staff

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def asks(live: LiveDesk, tom: Staff, number: int, service: Service = Service.DEVELOPMENT) -> None:
    async with live.database.read() as session:
        query = select(Product.id).where(Product.service == service, Product.label == "SaciJava")
        product = await session.scalar(query)
    await tom.does(number, "/service", product=str(product))


async def service_of(live: LiveDesk, number: int) -> Service:
    async with live.database.read() as session:
        return (await session.scalars(select(Ticket.service).where(Ticket.number == number))).one()


async def test_nothing_changes_until_the_customer_accepts_and_back_it_goes_at_once(
    live: LiveDesk, ada: Customer, tom: Staff
):
    number = await ada.opens_ticket("Un reporte por vendedor")
    await asks(live, tom, number)
    push = await ada.last()
    assert "Se factura: el tiempo que tome se suma a horas técnicas." in push.text
    assert push.buttons[:2] == ["Acepto", "No"]
    assert "Se pidió al cliente que acepte" in await tom.sees(number)
    assert await service_of(live, number) is Service.SUPPORT

    await ada.taps("Acepto")
    assert await service_of(live, number) is Service.DEVELOPMENT
    changed = await ada.finds(f"Aceptado: #{number} se atiende como Solicitud de Desarrollo.")
    assert changed.id == push.id
    assert changed.buttons == []
    seen = await tom.sees(number)
    assert "Ada lo cambió a Solicitud de Desarrollo, SaciJava; era Soporte Técnico, SaciJava" in seen

    await asks(live, tom, number, Service.SUPPORT)
    assert await service_of(live, number) is Service.SUPPORT
    assert "Ahora se atiende como Soporte Técnico, SaciJava." in (await ada.last()).text


async def test_a_no_tells_the_technician_and_an_old_button_changes_nothing(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("Un reporte por vendedor")
    await asks(live, tom, number)
    push = await ada.last()
    yes = push.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await ada.taps("No")
    assert f"Anotado: #{number} queda como está." in (await ada.last()).text
    assert "Ada no aceptó: Solicitud de Desarrollo, SaciJava" in await tom.sees(number)
    assert "ya fue respondido" in (await ada.taps_data(yes, on=push))["text"]
    assert await service_of(live, number) is Service.SUPPORT

    await asks(live, tom, number)  # asked again: the first question's buttons are not the second's
    assert "ya fue respondido" in (await ada.taps_data(yes, on=push))["text"]
    await ada.says("Mis tickets")
    await ada.taps_data(f"ticket:{number}")
    assert "Acepto" in (await ada.last()).buttons
    await ada.taps("Acepto")
    assert await service_of(live, number) is Service.DEVELOPMENT


async def test_a_closed_ticket_stays_what_it_was_and_a_stranger_answers_for_nobody(
    live: LiveDesk, ada: Customer, eve: Customer, tom: Staff
):
    number = await ada.opens_ticket("Un reporte por vendedor")
    await asks(live, tom, number)
    push = await ada.last()
    yes = push.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert f"#{number}" in (await eve.taps_data(yes))["text"], "there is no such ticket for her"
    assert await service_of(live, number) is Service.SUPPORT
    await tom.closes(number, as_="invoiced", minutes=5)
    told = await ada.taps_data(yes, on=push)
    assert "cerrado" in told["text"]
    assert await service_of(live, number) is Service.SUPPORT
