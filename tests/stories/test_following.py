"""Reading and answering in the chat: lists, a ticket, replies, messages out of the blue."""

from sqlalchemy import select, update

from core.models import Article, ArticleKind, Draft, DraftState, OutboxRow
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD


async def texts(live: LiveDesk) -> list[str]:
    async with live.database.read() as session:
        query = select(Article.text).where(Article.kind == ArticleKind.CUSTOMER).order_by(Article.id)
        return list(await session.scalars(query))


async def test_responder_takes_the_next_message(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    await tom.replies(number, "¿Qué modelo es?")
    await ada.taps("Responder")
    await ada.says("Epson TM-20")
    noted = await ada.last()
    assert noted.text == f"Anotado en #{number}"
    assert noted.raw["silent"]
    assert "Epson TM-20" in await texts(live)


async def test_a_message_out_of_the_blue_is_kept_and_asks_where_it_belongs(live: LiveDesk, ada: Customer):
    first, second = await live.has_tickets(ada, ["No imprime", "No cuadra el balance"])
    await ada.says("Ya reinicié y sigue igual")
    question = await ada.last()
    assert "¿A qué ticket corresponde?" in question.text
    offered = [button.split()[0] for button in question.buttons[:2]]
    assert offered == [f"#{second}", f"#{first}"]
    await ada.says("y también cambié el cable")
    await ada.taps(f"#{first}")
    assert (await texts(live))[-1] == "Ya reinicié y sigue igual\ny también cambié el cable"


async def test_a_question_that_was_asked_anew_and_never_came_says_all_the_same_where_it_went(
    live: LiveDesk, ada: Customer
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says("Ya reinicié y sigue igual")
    question = await ada.last()
    async with live.database.write() as session:  # as when Ada had blocked the bot meanwhile, and is back
        card = await session.scalar(select(Draft.card_id).where(Draft.state == DraftState.LOOSE))
        await session.execute(update(OutboxRow).where(OutboxRow.id == card).values(state="cancelled"))
    await ada.taps(f"#{number}", on=question)
    assert f"Anotado en #{number}" in [said.text for said in await ada.reads()]


async def test_a_message_out_of_the_blue_can_begin_a_ticket(live: LiveDesk, ada: Customer):
    await ada.says("No puedo abrir el sistema desde esta mañana")
    await ada.taps("Abrir un ticket nuevo con esto")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("No abre el sistema")
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    assert await texts(live) == ["No puedo abrir el sistema desde esta mañana"]


async def test_lists_are_paged_and_show_open_and_closed(live: LiveDesk, ada: Customer, tom: Staff):
    numbers = await live.has_tickets(ada, [f"Problema {turn}" for turn in range(8)])
    await tom.closes(numbers[0], as_="warranty", minutes=0)
    await ada.says("Mis tickets")
    page = await ada.last()
    assert page.buttons[0].startswith(f"#{numbers[-1]} ")
    assert page.buttons[-2:] == ["Siguiente", "Cerrados"]
    await ada.taps("Siguiente", on=page)
    page = await ada.last()
    assert page.buttons[0].startswith(f"#{numbers[1]} ")
    await ada.taps("Anterior", on=page)
    await ada.taps("Cerrados", on=page)
    page = await ada.last()
    assert page.buttons[0].startswith(f"#{numbers[0]} ")
    assert len([said for said in await ada.reads() if "Mis tickets" in said.text]) == 1


async def test_a_ticket_is_shown_whole_over_pages(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    long = " ".join(f"paso{step}" for step in range(1500))
    await tom.replies(number, long)
    pushed = "".join(said.text for said in await ada.reads() if "paso" in said.text)
    await ada.says("/buscar")
    await ada.says(str(number))
    seen = ""
    while True:
        page = await ada.last()
        seen = page.text + seen
        if "Anterior" not in page.buttons:
            break
        await ada.taps("Anterior", on=page)
    for step in range(1500):
        assert f"paso{step}" in pushed
        assert f"paso{step}" in seen


async def test_files_of_a_technician_arrive_and_can_be_fetched_again(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime")
    await tom.replies(number, "Instale esto.", files=[("parche.zip", b"PK parche", "application/zip")])
    documents = [said for said in await ada.reads() if said.document == "parche.zip"]
    assert await ada.bytes_of(documents[0]) == b"PK parche"
    await ada.says(f"/buscar {number}")
    await ada.taps("Archivo: parche.zip")
    assert (await ada.last()).document == "parche.zip"


async def test_colleagues_who_follow_the_company_are_told_and_authors_are_not(live: LiveDesk, ada: Customer):
    bea = await live.customer("Bea", "+593990000002")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    number = await bea.opens_ticket("No cuadra")
    assert f"Nuevo ticket #{number}" in (await ada.last()).text
    assert not [said for said in await bea.reads() if f"Nuevo ticket #{number}" in said.text]


async def test_kinds_without_content_are_answered(live: LiveDesk, ada: Customer):
    await live.sim(f"/sim/chats/{ada.id}/messages", {"dice": {"emoji": "🎲", "value": 4}})
    await live.settle()
    assert "No podemos adjuntar" in (await ada.last()).text
    said = len(await ada.reads())
    await ada.sends("hola.webp", b"RIFF....WEBP", kind="sticker")
    assert len(await ada.reads()) == said + 1
    assert "No podemos adjuntar" in (await ada.last()).text
