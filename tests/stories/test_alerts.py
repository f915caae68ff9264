"""Tom's own phone tells him of the desk, and nobody else's."""

import re

import pytest
from sqlalchemy import select

from core.models import Article, Desk
from core.rules.alerts import Alert
from tests import databases
from tests.desk import Customer, LiveDesk, Staff


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[0]


async def linked(live: LiveDesk, tom: Staff, phone: Customer) -> str:
    """The token that did it."""
    async with live.database.write() as session:  # as the bot's own start does sooner or later
        (await session.get_one(Desk, 1)).bot_username = "saci_bot"
    await tom.browser.opens("/account/telegram")
    await tom.browser.sends("/link")
    token = re.search(r"start=(mesa_[\w-]+)", tom.browser.text)[1]
    await phone.says(f"/start {token}")
    await tom.browser.opens("/account/telegram")
    await tom.browser.sends("/wishes", **dict.fromkeys(Alert, "always"))
    assert "Guardado." in tom.browser.text
    return token


async def alerts_of(phone: Customer) -> list[str]:
    return [said.text for said in await phone.reads() if said.text.startswith("🔔")]


async def test_a_technician_is_told_on_the_own_phone_and_answers_in_the_panel(
    live: LiveDesk, ada: Customer, tom: Staff
):
    phone = await live.customer("Tomás", "+593955555555")
    token = await linked(live, tom, phone)
    assert "este chat le avisa desde ahora de lo que pasa en la mesa de ayuda" in (await phone.last()).text

    number = await ada.opens_ticket("No imprime facturas")
    (told,) = await alerts_of(phone)
    assert f"Ticket nuevo #{number}" in told
    assert "Comercial Andina · No imprime facturas" in told
    assert not await alerts_of(ada)

    await tom.replies(number, "¿Está encendida?")
    await ada.says("Sí, está encendida.", reply_to=(await ada.finds("¿Está encendida?")).id)
    told = (await alerts_of(phone))[-1]
    assert f"El cliente escribió #{number}" in told
    assert "Sí, está encendida." in told

    async with live.database.read() as session:
        before = len((await session.scalars(select(Article))).all())
    for more in ({}, {"reply_to": (await phone.finds("🔔")).id}):
        await phone.says("ya voy", **more)
        assert "conteste a los clientes en el panel" in (await phone.last()).text
    async with live.database.read() as session:
        assert len((await session.scalars(select(Article))).all()) == before

    other = await live.customer("Eva", "+593944444444")
    await other.says(f"/start {token}")
    assert "Este enlace no sirve" in (await other.last()).text

    await phone.says("/salir")
    assert "Este chat ya no recibe avisos de la mesa" in "".join(said.text for said in await phone.reads())
    count = len(await alerts_of(phone))
    await ada.says("¿Sigue ahí?", reply_to=(await ada.finds("¿Está encendida?")).id)
    assert len(await alerts_of(phone)) == count


async def test_a_customer_of_the_desk_itself_is_not_taken_at_the_word_to_an_alert(
    live: LiveDesk, ada: Customer, tom: Staff
):
    """A technician whose phone is logged in as a customer's, too, replies to what the desk told."""
    await linked(live, tom, ada)
    await ada.opens_ticket("No imprime facturas")
    await ada.says("ya voy", reply_to=(await ada.finds("🔔")).id)
    assert "conteste a los clientes en el panel" in (await ada.last()).text
    await ada.says("ya voy")
    assert "¿A qué ticket corresponde?" in (await ada.last()).text


async def test_a_customers_own_bell_is_no_alert(ada: Customer):
    own = await ada.says("🔔 Es urgente, no imprime la factura")
    await ada.says("Son tres facturas", reply_to=own)
    assert "¿A qué ticket corresponde?" in (await ada.last()).text
