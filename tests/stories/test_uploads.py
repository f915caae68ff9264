"""A file too large for Telegram comes by a one-time link, or the customer reads why it cannot."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.client import certificates
from core.db import Database
from tests.admin.browser import Browser
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ADA_PHONE, ANDINA, ANDINA_PASSWORD, TORNILLO

PUBLIC = "https://mesa.saci.example"
TOO_BIG = 21 * 1024 * 1024
CONTENT = b"PK\x03\x04" + bytes(40_000)


@pytest.fixture
async def live(database: Database, tmp_path: Path) -> AsyncIterator[LiveDesk]:
    """A desk whose panel can be reached from outside."""
    live = LiveDesk(database, tmp_path)
    live.upload_url = PUBLIC
    await live.start()
    await live.company(ANDINA, "Comercial Andina", password=ANDINA_PASSWORD, phones=(ADA_PHONE,))
    await live.company(TORNILLO, "Ferretería El Tornillo")
    yield live
    await live.stop()


@pytest.fixture
async def phone(live: LiveDesk) -> AsyncIterator[Browser]:
    """The browser on Ada's phone; the desk's public name leads to its panel."""
    async with httpx.AsyncClient(base_url=live.panel_url, timeout=30, verify=certificates()) as client:
        yield Browser(client)


async def link_in_chat(customer: Customer) -> str:
    said = (await customer.finds("Telegram no nos deja recibirlo")).text
    found = re.findall(rf"{PUBLIC}(/upload/[\w-]{{43}})", said)
    assert found, said
    return str(found[-1])


async def uploads(phone: Browser, address: str, name: str = "respaldo.zip", content: bytes = CONTENT) -> None:
    await phone.opens(address)
    if phone.status == 200 and phone.page.forms:
        where = {"Origin": phone.origin}
        phone.answer = await phone.client.post(
            address, headers=where, files={"file": (name, content)}, follow_redirects=True
        )


async def test_a_draft_takes_the_large_file_and_becomes_a_ticket_with_it(
    live: LiveDesk, ada: Customer, tom: Staff, phone: Browser
):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("No abre el respaldo")
    await ada.says("Se cierra solo.")
    await ada.sends("respaldo.zip", fake_size=TOO_BIG)
    address = await link_in_chat(ada)
    assert "respaldo.zip" in (await ada.finds("Adjuntos")).text
    await ada.taps("Listo")
    await ada.taps("Enviar")
    number = int(re.findall(r"#(\d+)", (await ada.finds("Su ticket es el #")).text)[0])
    assert "el cliente tiene un enlace para subirlo" in await tom.sees(number)

    await uploads(phone, address)
    await live.settle()
    assert "respaldo.zip (40 KB) llegó bien" in phone.text
    assert (await ada.last()).text == f"Anotado en #{number}: respaldo.zip (40 KB)"
    assert "respaldo.zip Archivo comprimido · 40 KB" in await tom.sees(number)
    link = next(link for link in tom.browser.page.links if "/files/" in link)
    assert (await tom.browser.opens(link)).content == CONTENT


async def test_an_answer_with_a_large_file_waits_in_its_ticket_until_the_log_out(
    live: LiveDesk, ada: Customer, tom: Staff, phone: Browser
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("respaldo.zip", fake_size=TOO_BIG, caption="Aquí va todo")
    address = await link_in_chat(ada)
    seen = await tom.sees(number)
    assert "Aquí va todo" in seen
    assert "el cliente tiene un enlace para subirlo" in seen
    await ada.says("/salir")
    await uploads(phone, address)
    assert (phone.status, "Este enlace ya no sirve" in phone.text) == (404, True)
    assert "el cliente tiene un enlace para subirlo" in await tom.sees(number)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_file_too_large_for_the_page_as_well_gets_no_link(live: LiveDesk, ada: Customer):
    await ada.sends("todo.zip", fake_size=201_000_000)
    assert "Envíelo por partes o por correo" in (await ada.finds("todo.zip pesa más")).text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_where_the_desk_cannot_be_reached_there_is_no_link(database: Database, tmp_path: Path):
    live = LiveDesk(database, tmp_path)
    await live.start()
    try:
        await live.company(ANDINA, "Comercial Andina", password=ANDINA_PASSWORD, phones=(ADA_PHONE,))
        ada = await live.customer("Ada", ADA_PHONE)
        await ada.logs_in(ANDINA, ANDINA_PASSWORD)
        await ada.sends("respaldo.zip", fake_size=TOO_BIG)
        assert "Envíelo por partes o por correo" in (await ada.last()).text
        assert "/upload/" not in str(await ada.chat())
    finally:
        await live.stop()
