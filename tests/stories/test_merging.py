"""Two tickets about one trouble become one, and whoever wrote to either of them is heard."""

import pytest
from sqlalchemy import select

from core.models import Article, Ticket
from core.rules.states import State
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import TORNILLO


async def texts(live: LiveDesk, number: int) -> list[str]:
    async with live.database.read() as session:
        query = select(Article.text).join(Ticket, Ticket.id == Article.ticket_id).where(Ticket.number == number)
        return list(await session.scalars(query.order_by(Article.position)))


async def merge(live: LiveDesk, tom: Staff, gone: int, *, into: int) -> None:
    await tom.browser.opens(f"/tickets/{gone}")
    await tom.browser.sends("/merge", into=str(into))
    assert tom.browser.status == 200, tom.browser.text
    await live.settle()


async def test_what_answers_the_one_lands_in_the_other(live: LiveDesk, ada: Customer, tom: Staff):
    kept = await ada.opens_ticket("No imprime facturas")
    gone = await ada.opens_ticket("Impresora de facturas muerta")
    await tom.replies(gone, "¿Qué impresora es?")
    push = await ada.finds("¿Qué impresora es?")
    await tom.does(gone, "/time", minutes="7")
    await ada.taps("Responder", on=push)  # and now she is about to write
    before = await texts(live, gone)
    told = len(await ada.reads())
    await merge(live, tom, gone, into=kept)

    (news,) = (await ada.reads())[told:]
    assert f"Lo unimos a #{kept} (No imprime facturas)" in news.text
    await ada.says("Una Epson")
    assert f"Anotado en #{kept}" in (await ada.last()).text
    await ada.says("De cinta", reply_to=push.id)
    await ada.taps("Responder", on=push)
    await ada.says("Del año 2019")
    assert await texts(live, gone) == before
    assert (await texts(live, kept))[1:] == ["Una Epson", "De cinta", "Del año 2019"]

    seen = await tom.sees(gone)
    assert "Este ticket se unió a otro y continúa ahí:" in seen
    assert "¿Qué impresora es?" in seen
    assert "Unir este ticket a otro" not in seen
    seen = await tom.sees(kept)
    assert f"Tomás Ruiz unió a este #{gone}" in seen
    assert "7 min registrados" in seen
    await ada.taps_data(f"ticket:{gone}")
    screen = await ada.last()
    assert "Se unió a otro ticket y continúa ahí." in screen.text
    assert f"Ver #{kept}" in screen.buttons
    assert "Reabrir" not in screen.buttons


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_was_merged_before_leads_on_in_one_step_and_its_opener_is_still_told(
    live: LiveDesk, ada: Customer, tom: Staff
):
    bea = await live.customer("Bea", "+593970000000")
    await bea.logs_in("0992345678001", "cuaderno azul")
    first = await bea.opens_ticket("No imprime")
    second = await ada.opens_ticket("Sigue sin imprimir")
    third = await ada.opens_ticket("Otra vez la impresora")
    await tom.replies(first, "¿Está encendida?")
    push = await bea.finds("¿Está encendida?")
    await merge(live, tom, first, into=second)
    await merge(live, tom, second, into=third)
    await bea.says("Sí, está encendida", reply_to=push.id)
    assert f"Anotado en #{third}" in (await bea.last()).text
    await tom.replies(third, "Ya funciona, ¿verdad?")
    assert "Ya funciona, ¿verdad?" in (await bea.last()).text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_ticket_of_a_stranger_and_of_a_verified_customer_are_joined_neither_way(
    live: LiveDesk, eve: Customer, tom: Staff
):
    bruno = await live.customer("Bruno", "+593987654321")
    await bruno.logs_in(TORNILLO, TORNILLO)
    await bruno.presses("Compartir mi número")
    of_eve, of_bruno = await eve.opens_ticket("No imprime"), await bruno.opens_ticket("Sigue sin imprimir")
    for number, into in ((of_bruno, of_eve), (of_eve, of_bruno)):
        await tom.browser.opens(f"/tickets/{number}")
        await tom.browser.sends("/merge", into=str(into))
        assert tom.browser.status == 409
        assert "se abrió desde un chat sin verificar" in tom.browser.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_another_company_a_closed_ticket_and_an_old_page_are_refused(
    live: LiveDesk, ada: Customer, eve: Customer, tom: Staff
):
    ours, theirs = await ada.opens_ticket("No imprime"), await eve.opens_ticket("No imprime")
    closed = await ada.opens_ticket("Listo")
    await tom.closes(closed, as_="invoiced", minutes=3)
    for number, into, reason in (
        (ours, theirs, "solo se unen tickets de una misma empresa"),
        (ours, closed, "Ese ticket está cerrado"),
        (ours, ours, "este mismo ticket"),
    ):
        await tom.browser.opens(f"/tickets/{number}")
        await tom.browser.sends("/merge", into=str(into))
        assert tom.browser.status == 409
        assert reason in tom.browser.text
    await tom.browser.opens(f"/tickets/{ours}")
    page = tom.browser.answer
    await tom.replies(ours, "Ya lo veo")
    tom.browser.answer = page
    await tom.browser.sends("/merge", into=str(theirs))
    assert "cambió" in tom.browser.text
    async with live.database.read() as session:
        states = await session.scalars(select(Ticket.state).where(Ticket.number == ours))
        assert states.one() is State.OPEN
