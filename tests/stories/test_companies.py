"""An accountant with the books of several companies on one phone."""

import pytest
from sqlalchemy import select

from core.actions import people
from core.models import Company, LoginFailure, Ticket
from core.rules.permissions import Role
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD, TORNILLO

MARISOL = "0190000001001"


@pytest.fixture
async def both(live: LiveDesk, ada: Customer) -> Customer:
    """Ada keeps the books of the ironmonger's, too."""
    await ada.adds_company(TORNILLO, TORNILLO)
    return ada


async def test_a_second_company_is_added_and_switched_to_in_one_tap(live: LiveDesk, both: Customer):
    assert "Ferretería El Tornillo" in (await both.last()).text
    assert (await both.keyboard())[-1] == "Cambiar a Comercial Andina"
    await both.presses("Cambiar a Comercial Andina")
    assert (await both.last()).text == "Comercial Andina. ¿En qué le ayudamos?"
    assert (await both.keyboard())[-1] == "Cambiar a Ferretería El Tornillo"


async def test_replies_and_buttons_find_their_ticket_whatever_is_active(live: LiveDesk, both: Customer, tom: Staff):
    await both.presses("Cambiar a Comercial Andina")
    number = await both.opens_ticket("No imprime facturas")
    await both.presses("Cambiar a Ferretería El Tornillo")
    await tom.replies(number, "¿Qué impresora es?")
    push = await both.finds("¿Qué impresora es?")
    await both.says("Una Epson", reply_to=push.id)
    assert f"Anotado en #{number}" in (await both.last()).text
    await tom.replies(number, "¿De cinta o de tinta?")
    push = await both.finds("¿De cinta o de tinta?")
    await both.taps("Responder", on=push)
    await both.says("De las de cinta")
    await both.taps("Ver ticket", on=push)
    assert f"#{number} · Comercial Andina" in (await both.last()).text
    seen = await tom.sees(number)
    assert "Una Epson" in seen
    assert "De las de cinta" in seen
    await both.says("Mis tickets")
    assert f"#{number}" not in " ".join((await both.last()).buttons)


async def test_a_draft_follows_to_the_other_company_in_sight(live: LiveDesk, both: Customer):
    await both.says("Nuevo ticket")
    await both.taps("Soporte Técnico")
    assert "Ferretería El Tornillo" in (await both.last()).text
    await both.presses("Cambiar a Comercial Andina")
    assert "Nuevo ticket · Comercial Andina" in (await both.last()).text


async def test_a_ticket_is_never_sent_for_another_company_than_the_card_says(live: LiveDesk, both: Customer):
    await both.says("Nuevo ticket")
    await both.taps("Soporte Técnico")
    await both.taps("SaciJava")
    await both.says("No imprime")
    await both.says("No sale nada.")
    await both.taps("No tengo adjuntos")
    async with live.database.write() as session:  # as when the other phone of the company is stopped or let in again
        person = await session.scalar(people.by_telegram_id(both.id))
        assert person is not None
        person.active_company_id = await session.scalar(select(Company.id).where(Company.ruc == ANDINA))
    answer = await both.taps("Enviar")
    assert "escribe ahora por Comercial Andina" in answer["text"]
    assert "Nuevo ticket · Comercial Andina" in (await both.last()).text
    async with live.database.read() as session:
        assert (await session.scalars(select(Ticket))).all() == []
    await both.taps("Enviar")
    assert "Su ticket es el #" in (await both.last()).text


async def test_more_than_two_are_a_list_and_leaving_asks_which(live: LiveDesk, both: Customer):
    await live.company(MARISOL, "Panadería Marisol")
    await both.says("/cambiar")
    await both.taps("Agregar otra empresa")
    await both.says(MARISOL)
    await both.says("no es esta")
    assert "no son correctos" in (await both.last()).text
    await both.says(MARISOL)
    await both.says(MARISOL)
    await both.taps("Continuar sin verificar")
    await both.presses("Cambiar de empresa")
    await both.taps("Comercial Andina")
    await both.says("/salir")
    assert (await both.last()).buttons == [
        "Comercial Andina",
        "Ferretería El Tornillo",
        "Panadería Marisol",
        "De todas",
        "Cancelar",
    ]
    await both.taps("Comercial Andina")
    assert "Comercial Andina" not in " ".join(await both.keyboard())
    await both.says("/salir")
    await both.taps("De todas")
    assert "Salió de este chat" in (await both.last()).text


async def test_a_customer_of_one_company_gets_no_more_tries_at_another(live: LiveDesk, ada: Customer):
    await ada.says("/cambiar")
    await ada.taps("Agregar otra empresa")
    assert "Escriba el RUC de la otra empresa" in (await ada.last()).text
    for guess in range(6):
        await ada.says(TORNILLO)
        await ada.says(f"adivino {guess}")
    assert "Demasiados intentos" in (await ada.last()).text
    async with live.database.read() as session:
        strange = (await session.scalars(select(LoginFailure.from_verified))).all()
    assert strange == [False] * 5, "known at one company is a stranger to the other"


async def test_a_log_in_anybody_can_make_starts_no_counting_anew(live: LiveDesk, eve: Customer):
    await live.company(MARISOL, "Panadería Marisol")
    for guess in range(5):
        await eve.says("/cambiar")
        await eve.taps("Agregar otra empresa")
        await eve.says(ANDINA)
        await eve.says(f"adivino {guess}")
        assert "no son correctos" in (await eve.last()).text
        if guess == 3:
            await eve.says(MARISOL)
            await eve.says(MARISOL)
            await eve.taps("Continuar sin verificar")
    await eve.says(ANDINA)
    await eve.says(ANDINA_PASSWORD)
    assert "Demasiados intentos" in (await eve.last()).text


async def test_a_new_password_is_never_for_another_company_than_it_was_asked_for(live: LiveDesk, both: Customer):
    await both.presses("Cambiar a Comercial Andina")
    await both.says("Preferencias")
    await both.taps("Cambiar contraseña")
    await both.says(ANDINA_PASSWORD)
    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:  # this phone is taken off meanwhile
        await vera.browser.opens(f"/companies/{ANDINA}")
        await vera.browser.sends("/revoke", reason="Ya no trabaja ahí")
        await live.settle()
    await both.says("un paraguas verde")
    assert "escribe ahora por Ferretería El Tornillo. No se cambió ninguna contraseña." in (await both.last()).text
    async with live.database.read() as session:
        hashes = (await session.scalars(select(Company.password_hash).where(Company.ruc == TORNILLO))).all()
    assert hashes == [None]
    await both.says("No imprime la factura de ayer")
    assert "¿A qué ticket corresponde?" in (await both.last()).text


async def test_a_link_to_a_ticket_is_followed_after_the_log_in(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    bea = await live.customer("Bea", "+593990000007")
    await bea.says(f"/start t{number}")
    await bea.says(ANDINA)
    await bea.says(ANDINA_PASSWORD)
    assert "No imprime" in (await bea.last()).text
    eve = await live.customer("Eve", "+593960000000")
    await eve.logs_in(TORNILLO, TORNILLO)
    await eve.taps("Continuar sin verificar")
    await eve.says(f"/start t{number}")
    assert f"Aquí no hay ningún ticket #{number}" in (await eve.last()).text
