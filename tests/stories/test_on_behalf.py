"""The desk opens a ticket on behalf of somebody who called: on that phone it is theirs, and says who opened it."""

import pytest
from sqlalchemy import select

from core.models import Binding, Person
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD


async def binding_of(live: LiveDesk, customer: Customer) -> str:
    async with live.database.read() as session:
        query = select(Binding.id).join(Person, Person.id == Binding.person_id)
        return str(await session.scalar(query.where(Person.telegram_id == customer.id)))


async def opens(live: LiveDesk, tom: Staff, told: str) -> None:
    await tom.browser.opens(f"/tickets/new?company={ANDINA}")
    await tom.browser.sends(
        "/tickets/new",
        told=told,
        service="support",
        product="SaciJava",
        subject="Llamó por el ATS",
        text="No genera el XML de octubre.",
        note="Suena apurada.",
        files=[("ats.xml", b"<ats/>", "text/xml")],
    )
    assert tom.browser.is_at("/tickets/1001"), tom.browser.text
    await live.settle()


async def test_the_one_who_called_has_it_among_her_own_and_nobody_else_hears_of_it(
    live: LiveDesk, ada: Customer, eve: Customer, tom: Staff
):
    bea = await live.customer("Bea", "+593970000000")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    before = {who.name: len(await who.reads()) for who in (bea, eve)}
    await opens(live, tom, await binding_of(live, ada))

    push = await ada.finds("Nuevo ticket #1001")
    assert "Abierto por SACI Soporte a su nombre" in push.text
    assert "No genera el XML de octubre." in push.text
    assert [said.document for said in await ada.reads() if said.document] == ["ats.xml"]
    assert "apurada" not in str([said.text for said in await ada.reads()])
    assert {who.name: len(await who.reads()) for who in (bea, eve)} == before

    await ada.presses("Mis tickets")
    await ada.taps("#1001")
    screen = await ada.last()
    assert "Abierto por SACI Soporte a su nombre" in screen.text
    assert "Archivo: ats.xml" in screen.buttons
    await ada.says("Ya envié el archivo", reply_to=push.id)
    assert "Anotado en #1001" in (await ada.last()).text

    await bea.presses("Tickets de empresa")
    await bea.taps("#1001")
    assert "Abierto por SACI Soporte a nombre de Ada" in (await bea.last()).text
    assert "Aquí no hay ningún ticket #1001" in (await eve.taps_data("ticket:1001"))["text"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_for_all_is_nobodys_in_particular(live: LiveDesk, ada: Customer, tom: Staff):
    await opens(live, tom, "all")
    assert "Abierto por SACI Soporte\n" in (await ada.finds("Nuevo ticket #1001")).text
