"""Buscar in the chat: why a ticket was found, pages, filters, and who finds nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.db import Database
from core.models import Draft, Ticket
from core.rules.identity import Proof
from tests import databases
from tests.bot.conftest import bound
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """One database is enough here: that both find alike has tests of its own."""
    database = Database(await databases.fresh_url("sqlite", tmp_path))
    yield database
    await database.close()


async def test_words_lead_to_tickets_and_say_why(live: LiveDesk, ada: Customer, eve: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime", "La impresión de facturas sale en blanco.")
    await tom.replies(number, "Reinicie el servidor Zeus.", files=[("parche-atlas.zip", b"PK", "application/zip")])
    await tom.does(number, "/note", text="Cliente moroso")

    await ada.presses("Buscar")
    assert "impresora" in (await ada.last()).text
    for words, why in (
        ("IMPRESION factura", "La impresión de facturas"),
        ("zeu", "servidor Zeus"),
        ("atlas", "Archivo"),
    ):
        await ada.says(f"/buscar {words}")
        said = await ada.last()
        assert said.buttons[0].startswith(f"#{number} (Abierto) No imprime"), said.text
        assert why in said.text
    for words in ("moroso", "Andina"):  # a note; a company's name is in no ticket of it
        await ada.says(f"/buscar {words}")
        assert "No encontramos nada" in (await ada.last()).text
    await ada.taps("Buscar otra cosa")
    await ada.says("servidor")
    await ada.taps(f"#{number} (Abierto) No imprime")
    assert "Reinicie el servidor Zeus." in (await ada.last()).text
    for words in ("impresion", str(number), f"#{number}", "abiertos"):
        await eve.says(f"/buscar {words}")
        assert "imprime" not in (await eve.last()).text
        assert "Nuevo ticket" in (await eve.last()).buttons


async def test_somebody_identified_finds_only_own_tickets(live: LiveDesk, ada: Customer):
    hers = await ada.opens_ticket("Impresora de Ada")
    bea = await bound(live, await live.customer("Bea", "+593990000077"), ruc=ANDINA, proof=Proof.INITIAL_PASSWORD)
    own = await bea.opens_ticket("Impresora de Bea")
    await bea.says("/buscar impresora")
    assert f"#{own}" in (await bea.last()).text
    assert f"#{hers}" not in (await bea.last()).text
    await ada.says("/buscar impresora")
    assert (await ada.last()).buttons[:2] == [f"#{own} (Nuevo) Impresora de Bea", f"#{hers} (Nuevo) Impresora de Ada"]


async def test_a_result_is_paged_and_filtered_in_place(live: LiveDesk, ada: Customer, tom: Staff):
    numbers = [await ada.opens_ticket(f"Impresora {turn}") for turn in range(7)]
    await tom.closes(numbers[0], as_="warranty", minutes=4)
    async with live.database.write() as session:
        first = (await session.scalars(select(Ticket).where(Ticket.number == numbers[0]))).one()
        first.created_at = first.created_at.replace(day=15) - timedelta(days=31)
    await ada.says("/buscar impresora")
    page = await ada.last()
    assert [button.split()[0] for button in page.buttons[:6]] == [f"#{number}" for number in numbers[:0:-1]]
    await ada.taps("Siguiente", on=page)
    assert (await ada.last()).buttons[0].startswith(f"#{numbers[0]} (Cerrado por garantía)")
    await ada.taps("Anterior", on=page)
    assert (await ada.last()).buttons[0].startswith(f"#{numbers[6]} ")
    await ada.taps("Mes pasado", on=page)
    assert [button for button in (await ada.last()).buttons if button.startswith("#")] == [
        f"#{numbers[0]} (Cerrado por garantía) Impresora 0"
    ]
    await ada.taps("Abiertos", on=page)
    assert "No encontramos nada" in (await ada.last()).text
    await ada.taps("Quitar: Mes pasado", on=page)
    assert len([button for button in (await ada.last()).buttons if button.startswith("#")]) == 6
    assert len([said for said in await ada.reads() if "Buscar: impresora" in said.text]) == 1


async def test_a_long_text_after_buscar_is_a_message_and_not_lost(live: LiveDesk, ada: Customer):
    await ada.presses("Buscar")
    long = ("No me deja facturar desde ayer. " * 6).strip()
    await ada.says(long)
    async with live.database.read() as session:
        assert list(await session.scalars(select(Draft.text))) == [long]
    assert not (await ada.last()).text.startswith("Buscar")


async def test_what_was_corrected_is_found_by_its_new_words_and_not_by_the_old(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    told = await ada.says("Es la matricial")
    await live.sim(f"/sim/chats/{ada.id}/messages/{told}/edit", {"text": "Es la térmica"})
    await live.settle()
    await ada.says("/buscar termicas")
    assert (await ada.last()).buttons[0].startswith(f"#{number} ")
    await ada.says("/buscar matricial")
    assert "No encontramos nada" in (await ada.last()).text
