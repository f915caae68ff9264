"""A correction in Telegram is a new version of what it corrects; nothing of before is lost."""

from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from core.models import Article, ArticleKind, ArticleVersion, Attachment, CustomerMessage
from core.rules.identity import Proof
from tests.bot.conftest import bound, dump
from tests.bot.test_albums import becomes_whole
from tests.bot.test_kinds import injects, troubled
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD

ON_ONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NOWHERE = "no está en ningún ticket"


async def edits(live: LiveDesk, customer: Customer, message: int, text: str, **more: Any) -> None:
    await live.sim(f"/sim/chats/{customer.id}/messages/{message}/edit", {"text": text, **more})
    await live.settle()


async def answers(live: LiveDesk, customer: Customer, number: int, text: str) -> int:
    await customer.says(f"/buscar {number}")
    await customer.taps("Responder")
    return await customer.says(text)


async def versions(live: LiveDesk) -> list[str]:
    async with live.database.read() as session:
        query = select(ArticleVersion.text).order_by(ArticleVersion.article_id, ArticleVersion.revision)
        return list(await session.scalars(query))


async def words(live: LiveDesk) -> list[str]:
    """What the customers' articles say now."""
    async with live.database.read() as session:
        query = select(Article.text).where(Article.kind == ArticleKind.CUSTOMER).order_by(Article.id)
        return list(await session.scalars(query))


def message(
    customer: Customer, message_id: int, text: str, *, date: int, edited: int | None = None
) -> dict[str, Any]:
    person = {"id": customer.id, "is_bot": False, "first_name": customer.name}
    chat = {"id": customer.id, "type": "private", "first_name": customer.name}
    body = {"message_id": message_id, "date": date, "chat": chat, "from": person, "text": text}
    return {"edited_message": body | {"edit_date": edited}} if edited else {"message": body}


async def test_an_edit_is_a_version_everybody_sees_and_the_original_is_kept(
    live: LiveDesk, ada: Customer, tom: Staff, clock: time_machine.Traveller
):
    bea = await bound(live, await live.customer("Bea", "+593990000002"), ruc=ANDINA, proof=Proof.PASSWORD)
    (number,) = await live.has_tickets(bea, ["No imprime"])
    told = await answers(live, bea, number, "Fue el martes")
    clock.shift(5.0)
    await edits(live, bea, told, "Fue el miércoles")
    clock.shift(5.0)
    await tom.replies(number, "Entendido, el miércoles.")
    clock.shift(5.0)
    await edits(live, bea, told, "Fue el jueves")
    assert (await words(live))[1] == "Fue el jueves"
    assert await versions(live) == ["Fue el martes", "Fue el miércoles", "Fue el jueves"]
    page = await tom.sees(number)
    for seen in ("Fue el martes", "Fue el miércoles", "3 versiones", "editado después de la respuesta"):
        assert seen in page
    assert "El cliente espera" in page, "what was answered is not what is asked now"
    (push,) = [said for said in await ada.reads() if "Fue el" in said.text]
    assert "Fue el jueves" in push.text
    assert "editado" in push.text
    await bea.says(f"/buscar {number}")
    assert "editado\nFue el jueves" in (await bea.last()).text
    lines = [said for said in await bea.reads() if "Corregido en" in said.text]
    assert [(said.text, said.raw["silent"]) for said in lines] == [(f"Corregido en #{number}", True)]


@ON_ONE
async def test_an_edit_of_a_closed_ticket_is_noted_and_the_customer_is_told(
    live: LiveDesk, ada: Customer, tom: Staff, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    told = await answers(live, ada, number, "Fue el martes")
    await tom.closes(number, as_="warranty", minutes=0)
    clock.shift(5.0)
    await edits(live, ada, told, "Fue el jueves")
    assert "El ticket está cerrado" in (await ada.last()).text
    assert await versions(live) == ["Fue el martes", "Fue el jueves"]


async def test_edits_that_come_early_late_or_again_keep_the_newest_last(live: LiveDesk, ada: Customer):
    """In one batch with the original, before it, out of order, twice in a second, once more."""
    (number,) = await live.has_tickets(ada, ["No imprime"])
    start = 1_900_000_000
    for first, updates in {
        9001: [(None, "original"), (10, "una"), (20, "dos")],
        9002: [(30, "dos"), (None, "original"), (20, "una")],
        9003: [(None, "original"), (20, "una"), (20, "dos"), (20, "dos"), (10, "cero"), (10, "cero")],
        9004: [(None, "original"), (10, "original")],
    }.items():
        await ada.says(f"/buscar {number}")
        await ada.taps("Responder")
        said = [
            message(ada, first, f"{first} {text}", date=start, edited=start + at if at else None)
            for at, text in updates
        ]
        await injects(live, *said)
    assert (await words(live))[1:] == ["9001 dos", "9002 dos", "9003 dos", "9004 original"]
    assert await versions(live) == [
        *("9001 original", "9001 una", "9001 dos"),
        *("9002 original", "9002 una", "9002 dos"),
        *("9003 original", "9003 cero", "9003 una", "9003 dos"),
    ]
    assert await troubled(live) == []


@ON_ONE
async def test_an_edit_corrects_the_draft_and_its_card(live: LiveDesk, ada: Customer, tom: Staff):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    subject = await ada.says("No inprime")
    text = await ada.says("Desde ayer.")
    await ada.says("Y hoy.")
    before = len(await ada.reads())
    await edits(live, ada, subject, "No imprime")
    await edits(live, ada, text, "Desde el lunes.")
    card = await ada.last()
    assert "Asunto: No imprime" in card.text
    assert "Texto: Desde el lunes.\nY hoy." in card.text
    assert len(await ada.reads()) == before
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    await edits(live, ada, subject, "No imprime facturas")
    page = await tom.sees(1001)
    assert "No imprime facturas" in page
    assert "era «No imprime»" in page
    assert await words(live) == ["Desde el lunes.\nY hoy."]


@ON_ONE
async def test_an_edit_corrects_a_message_that_looks_for_its_ticket(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    told = await ada.says("Sigue igual que aier")
    before = len(await ada.reads())
    await edits(live, ada, told, "Sigue igual que ayer")
    assert "Sigue igual que ayer" in (await ada.last()).text
    assert len(await ada.reads()) == before
    await ada.taps(f"#{number}")
    assert (await words(live))[1] == "Sigue igual que ayer"
    await edits(live, ada, told, "Sigue peor que ayer")
    assert await versions(live) == ["Sigue igual que ayer", "Sigue peor que ayer"]


@ON_ONE
async def test_a_caption_in_an_album_is_corrected_before_and_after_it_is_whole(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("uno.txt", media_group_id="fotos", caption="Se be así")
    first = max(said["message_id"] for said in (await ada.chat())["messages"])
    await ada.sends("dos.txt", media_group_id="fotos")
    await live.sim(f"/sim/chats/{ada.id}/messages/{first}/edit", {"caption": "Se ve así"})
    await live.settle()
    await becomes_whole(live, clock)
    assert (await words(live))[1] == "Se ve así"
    await live.sim(f"/sim/chats/{ada.id}/messages/{first}/edit", {"caption": "Se ve mal"})
    await live.settle()
    assert (await words(live))[1] == "Se ve mal"
    assert await versions(live) == ["Se ve así", "Se ve mal"]


@ON_ONE
async def test_a_file_put_in_the_place_of_another_comes_beside_it(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("antes.pdf", b"antes", caption="La factura")
    sent = next(said for said in reversed((await ada.chat())["messages"]) if said.get("document"))
    other = await live.upload(f"/sim/chats/{ada.id}/messages", {"kind": "document"}, ("ahora.pdf", b"ahora"))
    await live.settle()
    edit = message(ada, sent["message_id"], "", date=sent["date"], edited=sent["date"] + 9)["edited_message"]
    del edit["text"]
    edit |= {"caption": "La factura", "document": other["document"]}
    await injects(live, {"edited_message": edit}, {"edited_message": edit})
    async with live.database.read() as session:
        article = await session.scalar(select(Article).order_by(Article.id.desc()).limit(1))
        files = list(await session.scalars(select(Attachment.name).where(Attachment.article_id == article.id)))
    assert files == ["antes.pdf", "ahora.pdf"]
    assert article.edited_at is not None
    assert await troubled(live) == []


async def test_a_password_corrected_is_deleted_like_the_password(live: LiveDesk):
    carla = await live.customer("Carla", "+593970000000")
    await carla.says("/start")
    ruc = await carla.says(ANDINA)
    await edits(live, carla, ruc, "canario-uno")
    assert "canario-uno" not in str((await carla.chat())["messages"][-2:])
    first = await carla.says("canario-dos")  # deleted at once: a correction can only have crossed the deletion
    await injects(live, message(carla, first, "canario-tres", date=1_700_000_000, edited=1_900_000_000))
    await carla.says(ANDINA)
    await carla.says(ANDINA_PASSWORD)
    await injects(live, message(carla, first, "canario-cuatro", date=1_700_000_000, edited=1_900_000_001))
    everything = await dump(live.database)
    assert b"canario" not in everything
    async with live.database.read() as session:
        assert await session.scalar(select(func.count(CustomerMessage.id))) == 0


@ON_ONE
async def test_what_is_in_no_ticket_is_said_once(live: LiveDesk, ada: Customer):
    number = await ada.says("/buscar 7")
    for text in ("siete", "ocho"):
        await edits(live, ada, number, text)
    assert len([said for said in await ada.reads() if NOWHERE in said.text]) == 1
    await edits(live, ada, number, "/mis")
    assert "Mis tickets" not in (await ada.last()).text


@ON_ONE
async def test_an_edit_of_a_message_from_before_the_desk_looks_for_its_ticket(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await injects(live, message(ada, 1, "Ya no sale en blanco", date=1_600_000_000, edited=1_900_000_000))
    assert "¿A qué ticket corresponde?" in (await ada.last()).text
    await ada.taps(f"#{number}")
    assert (await words(live))[1] == "Ya no sale en blanco"


@ON_ONE
async def test_who_logged_out_corrects_nothing(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    told = await answers(live, ada, number, "Fue el martes")
    await ada.says("Salir")
    await edits(live, ada, told, "Fue el jueves")
    assert (await words(live))[1] == "Fue el martes"
    assert "desde aquí no se ve" in (await ada.last()).text
