"""After a closing: reports, rating, courtesy, reopening, a new ticket that goes on, and asking to close."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.models import (
    Article,
    EventKind,
    Invoicing,
    LedgerLine,
    Rating,
    TechnicalHour,
    Ticket,
    TicketClosure,
    TicketEvent,
)
from core.rules.ledger import InvoicingKind
from core.rules.permissions import Role
from core.rules.states import State
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def the_ticket(live: LiveDesk, number: int) -> Ticket:
    async with live.database.read() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()


async def test_a_rating_can_be_given_changed_and_commented(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    pushed = await ada.last()
    assert pushed.buttons[:5] == ["1", "2", "3", "4", "5"]
    await ada.taps("4", on=pushed)
    asked = await ada.last()
    assert "4 de 5" in asked.text
    await ada.taps("Sin comentario", on=asked)
    assert "4 de 5" in (await ada.last()).text
    assert not (await ada.last()).buttons
    await ada.taps("2", on=pushed)
    await ada.says("Tardaron mucho en contestar")
    async with live.database.read() as session:
        (rating,) = await session.scalars(select(Rating))
    assert (rating.stars, rating.comment) == (2, "Tardaron mucho en contestar")
    page = await tom.sees(number)
    assert "Calificación: 2 de 5" in page
    assert "Tardaron mucho en contestar" in page
    await tom.browser.opens("/")
    assert "Calificaciones bajas" in tom.browser.text
    assert "2 de 5" in tom.browser.text


async def test_a_file_after_a_rating_is_no_comment_and_not_lost(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    await ada.taps("5")
    await ada.sends("factura.pdf", b"%PDF-1.4 factura")
    assert "¿A qué ticket corresponde?" in (await ada.last()).text


@pytest.mark.parametrize("answers_the_push", [True, False])
async def test_thanks_are_acknowledged_and_make_no_work(
    live: LiveDesk, ada: Customer, tom: Staff, answers_the_push: bool
):
    bea = await live.customer("Bea", "+593990000002")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    before, told = await the_ticket(live, number), len(await bea.reads())
    more = {"reply_to": (await ada.last()).id} if answers_the_push else {}
    await ada.says("Muchas gracias 🙏", **more)
    said = await ada.last()
    assert "sigue cerrado" in said.text
    assert not said.buttons
    after = await the_ticket(live, number)
    assert (after.state, after.updated_at) == (State.WARRANTY, before.updated_at)
    assert len(await bea.reads()) == told, "colleagues are not told of a thank-you"
    page = await tom.sees(number)
    assert "Muchas gracias 🙏" in page
    assert "Cortesía" in page


async def test_a_sticker_of_thanks_is_courtesy(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    sticker = {"file_id": "s1", "file_unique_id": "u1", "type": "regular", "width": 512, "height": 512, "emoji": "👍"}
    sticker |= {"is_animated": False, "is_video": False}
    await live.sim(f"/sim/chats/{ada.id}/messages", {"sticker": sticker})
    await live.settle()
    assert "sigue cerrado" in (await ada.last()).text
    async with live.database.read() as session:
        assert await session.scalar(select(Article.text).where(Article.is_courtesy)) == "👍"


async def test_more_than_thanks_is_kept_and_asked_about(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    await ada.says("Gracias, pero sigue sin imprimir", reply_to=(await ada.last()).id)
    question = await ada.last()
    assert question.text.startswith(f"Anotado en #{number}")
    assert question.buttons == ["Reabrir", "Nuevo ticket enlazado", "Era solo un comentario"]
    await ada.taps("Reabrir", on=question)
    assert (await the_ticket(live, number)).state is State.OPEN
    shown = await ada.last()
    assert shown.id == question.id, "the question becomes the ticket"
    assert "Abierto" in shown.text
    assert "sigue sin imprimir" in shown.text
    assert f"#{number}" in await tom.sees(number)
    assert "abrió otra vez el ticket" in tom.browser.text


async def test_only_a_comment_leaves_it_closed(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    await ada.says("Era el cable, como dijo su compañero", reply_to=(await ada.last()).id)
    await ada.taps("Era solo un comentario")
    assert (await ada.last()).text == f"Anotado en #{number}"
    assert not (await ada.last()).buttons
    assert (await the_ticket(live, number)).state is State.WARRANTY


async def test_after_the_days_of_grace_a_new_ticket_goes_on(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    async with live.database.write() as session:
        await session.execute(update(TicketClosure).values(at=now() - timedelta(days=8)))
    await ada.says("Otra vez lo mismo", reply_to=(await ada.last()).id)
    answer = await ada.taps("Reabrir")
    assert "hace demasiado tiempo" in answer["text"]
    assert (await the_ticket(live, number)).state is State.WARRANTY
    await ada.taps("Nuevo ticket enlazado")
    card = await ada.last()
    assert f"Es continuación del #{number}" in card.text
    assert "Otra vez lo mismo" in card.text
    await ada.says("No imprime otra vez")
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    async with live.database.read() as session:
        newest = (await session.scalars(select(Ticket).order_by(Ticket.id.desc()))).first()
    assert newest is not None
    await ada.says(f"/buscar {newest.number}")
    assert f"Es continuación del #{number}" in (await ada.last()).text
    await ada.says(f"/buscar {number}")
    assert f"Sigue en el #{newest.number}" in (await ada.last()).text
    assert f"#{newest.number} No imprime otra vez" in await tom.sees(number)
    assert f"#{number} No imprime" in await tom.sees(newest.number)


async def test_asking_to_close_reaches_the_desk_once(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    await ada.taps("Ver ticket")
    shown = await ada.last()
    await ada.taps("Pedir cierre", on=shown)
    assert "Usted pidió cerrarlo" in (await ada.last()).text
    assert "Pedir cierre" not in (await ada.last()).buttons
    await live.sim(
        f"/sim/chats/{ada.id}/tap", {"message_id": shown.id, "data": f"askclose:{number}"}
    )  # an old button
    await live.settle()
    assert (await the_ticket(live, number)).state is State.NEW
    async with live.database.read() as session:
        asked = list(await session.scalars(select(TicketEvent).where(TicketEvent.kind == EventKind.CLOSE_ASKED)))
    assert len(asked) == 1
    assert "pide cerrar el ticket" in await tom.sees(number)
    await tom.browser.opens("/")
    assert "pide el cierre" in tom.browser.text


@pytest.mark.parametrize("words", ["Espere, volvió a fallar", "Gracias, ¿y la otra impresora?"])
async def test_who_writes_again_waits_for_no_closing_any_more(live: LiveDesk, ada: Customer, tom: Staff, words: str):
    number = await ada.opens_ticket("No imprime")
    await tom.replies(number, "Ya debería salir")
    pushed = await ada.finds("Ya debería salir")
    await ada.says(f"/buscar {number}")
    await ada.taps("Pedir cierre")

    await ada.says("Muchas gracias 🙏", reply_to=pushed.id)
    await tom.browser.opens("/")
    assert "pide el cierre" in tom.browser.text, "thanks change nothing about it"
    await ada.says(words, reply_to=pushed.id)
    await tom.browser.opens("/")
    assert "pide el cierre" not in tom.browser.text
    await ada.says(f"/buscar {number}")
    screen = await ada.last()
    assert "Usted pidió cerrarlo" not in screen.text
    await ada.taps("Pedir cierre", on=screen)
    await tom.browser.opens("/")
    assert "pide el cierre" in tom.browser.text


async def test_a_reopened_ticket_keeps_the_report_of_every_closing(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5, cause="Formato cambiado")
    async with live.employee("lea", "Lea Vera", role=Role.SUPERVISOR) as lea:
        await lea.does(number, "/reopen")
    assert "Lo abrimos otra vez" in (await ada.finds("otra vez")).text
    await tom.closes(number, as_="warranty", minutes=7, cause="Cable suelto")
    await ada.says(f"/buscar {number}")
    screen = await ada.last()
    reports = [button for button in screen.buttons if "nforme" in button]
    assert len(reports) == 2
    assert reports[1] == "Descargar informe"
    for button in reports:
        await ada.taps(button, on=screen)
    first, second = (await ada.reads())[-2:]
    assert (first.document, second.document) == (f"informe-{number}.pdf", f"informe-{number}-2.pdf")
    pushed = [said for said in await ada.reads() if said.document == first.document]
    assert await ada.bytes_of(pushed[0]) == await ada.bytes_of(first)


async def test_a_stranger_can_neither_rate_nor_reopen(live: LiveDesk, ada: Customer, eve: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="warranty", minutes=5)
    for data in (f"rate:{number}:1:1", f"reopen:{number}", f"goon:{number}:1", f"report:{number}:1"):
        await live.sim(f"/sim/chats/{eve.id}/tap", {"data": data, "message_id": (await eve.last()).id})
        await live.settle()
    assert (await the_ticket(live, number)).state is State.WARRANTY
    async with live.database.read() as session:
        assert await session.scalar(select(Rating)) is None
    assert not [said for said in await eve.reads() if str(number) in said.text or said.document]


async def test_what_was_charged_comes_back_unless_it_has_been_invoiced(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="invoiced", minutes=70)
    await ada.says(f"/buscar {number}")
    await ada.taps("Reabrir")
    async with live.database.read() as session:
        assert await session.scalar(select(func.sum(LedgerLine.minutes)).where(LedgerLine.account == "bag")) == 0
    await tom.closes(number, as_="invoiced", minutes=0)
    async with live.database.write() as session:
        session.add(
            Invoicing(
                technical_hour_id=await session.scalar(select(func.max(TechnicalHour.id))),
                kind=InvoicingKind.INVOICED,
                reference="001-001-000000042",
                technician_id=await live.technician_id("tom"),
                at=now(),
            )
        )
    await ada.says(f"/buscar {number}")
    refused = await ada.taps("Reabrir")
    assert "Ya se facturó" in refused["text"]
    assert (await the_ticket(live, number)).state is State.INVOICED
