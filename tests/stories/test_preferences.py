"""How Ada wants to be told: language, quiet hours, numbers only, a muted ticket; and her company's account."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.actions import bindings
from core.clock import now
from core.models import Company, Person
from core.rules.identity import Proof
from tests.desk import Customer, LiveDesk, Said, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD, TORNILLO

# How somebody is told is read and written by plain rows: one database says it all, test_following has both.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

BEA_PHONE = "+593990000002"


def is_silent(said: Said) -> bool:
    return bool(said.raw["silent"])


async def at_galapagos(live: LiveDesk, *, minutes_from_now: int) -> str:
    """Ada's company moves an hour west; quiet hours of two hours that began there so long ago, as typed."""
    async with live.database.write() as session:
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert company is not None
        company.timezone = "Pacific/Galapagos"
    there = live.office.translators.at("es", "Pacific/Galapagos")
    start = now() + timedelta(minutes=minutes_from_now)
    return f"{there.time(start)} a {there.time(start + timedelta(hours=2))}"


async def test_every_setting_is_one_tap_deep_and_back_on_one_screen(live: LiveDesk, ada: Customer):
    await ada.says("/preferencias")
    screen = await ada.last()
    said = len(await ada.reads())
    for row, question in [
        ("Idioma", "¿En qué idioma"),
        ("Qué se avisa", "¿De qué tickets"),
        ("Horas de silencio", "no debe sonar"),
        ("Contenido de los avisos", "¿Qué debe mostrar"),
        ("Empresas", "Usted escribe por"),
        ("Teléfonos", "Ada"),
        ("Cuenta", "Horas compradas"),
    ]:
        await ada.taps(row, on=screen)
        assert question in (await ada.last()).text
        await ada.taps("Atrás", on=screen)
        assert (await ada.last()).text.startswith("Preferencias")
    await ada.taps("Cambiar contraseña", on=screen)
    await ada.taps("Cancelar", on=screen)
    await ada.taps("Contenido de los avisos", on=screen)
    assert "El texto completo (elegido)" in (await ada.last()).buttons
    await ada.taps("Solo el número", on=screen)
    assert "Contenido de los avisos: Solo el número" in (await ada.last()).text
    assert len(await ada.reads()) == said


async def test_typed_words_work_and_what_is_no_word_of_the_screen_is_kept(live: LiveDesk, ada: Customer):
    await ada.says("/preferencias")
    await ada.says("horas de silencio")
    await ada.says("de 21:30 a 6")
    assert "Horas de silencio: 21:30 a 06:00" in (await ada.last()).text
    await ada.says("solo mis tickets")
    assert "Qué se avisa: Solo mis tickets" in (await ada.last()).text
    await ada.says("No me abre el sistema desde ayer")
    assert "¿A qué ticket corresponde?" in (await ada.last()).text


async def test_another_language_is_spoken_at_once_and_kept(live: LiveDesk, ada: Customer):
    await ada.says("/preferencias")
    await ada.taps("Idioma")
    await ada.taps("English")
    assert [said.text.partition("\n")[0] for said in (await ada.reads())[-2:]] == [
        "Preferences",
        "Comercial Andina. What do you need?",
    ]
    assert "My tickets" in await ada.keyboard()
    await ada.says("español")
    assert "Preferencias" in await ada.keyboard()


@pytest.mark.parametrize(("began", "is_quiet"), [(-30, True), (60, False)])
async def test_quiet_hours_are_those_of_the_company_and_withhold_nothing(
    live: LiveDesk, ada: Customer, tom: Staff, began: int, is_quiet: bool
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    hours = await at_galapagos(live, minutes_from_now=began)
    await ada.says("/preferencias")
    await ada.taps("Horas de silencio")
    await ada.says(hours)
    await tom.replies(number, "¿Está encendida?")
    push = await ada.finds("¿Está encendida?")
    assert is_silent(push) is is_quiet
    assert "Estado: Abierto" in push.text


async def test_one_action_is_one_message_that_rings_once(live: LiveDesk, ada: Customer, tom: Staff):
    first, second = await live.has_tickets(ada, ["No imprime", "No cuadra"])
    before = len(await ada.reads())
    await tom.replies(first, "Instale esto.", files=[("parche.zip", b"PK parche", "application/zip")])
    (push,) = (await ada.reads())[before:]
    assert push.document == "parche.zip"
    assert f"#{first}" in push.text
    assert "Estado: Abierto" in push.text
    assert push.buttons == ["Responder", "Ver ticket"]
    assert not is_silent(push)
    await tom.does(second, "/take")
    assert is_silent(await ada.last())
    await tom.replies(second, "paso " * 1500)
    assert [is_silent(said) for said in await ada.reads() if "paso" in said.text] == [False, True]
    await tom.closes(second, as_="warranty", minutes=5)
    assert not is_silent(await ada.last())


async def test_a_muted_ticket_arrives_without_sound_until_it_may_ring_again(
    live: LiveDesk, ada: Customer, tom: Staff
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    hint = await ada.taps(f"Silenciar #{number}")
    assert "sin sonido" in hint["text"]
    assert f"Volver a avisar #{number}" in (await ada.last()).buttons
    await tom.replies(number, "¿Está encendida?")
    push = await ada.last()
    assert is_silent(push)
    await ada.taps(f"Volver a avisar #{number}", on=push)
    assert (await ada.last()).buttons == ["Responder", "Ver ticket"]
    await tom.replies(number, "¿Y ahora?")
    assert not is_silent(await ada.last())


async def test_number_only_shows_nothing_else_to_whoever_looks_at_the_phone(
    live: LiveDesk, ada: Customer, tom: Staff
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says("/preferencias")
    await ada.taps("Contenido de los avisos")
    await ada.taps("Solo el número")
    before = len(await ada.reads())
    await tom.replies(number, "La clave es 4711.", files=[("clave.txt", b"4711", "text/plain")])
    await tom.closes(number, as_="warranty", minutes=5)
    answer, closing = (await ada.reads())[before:]
    assert (answer.text, answer.buttons) == (f"#{number}: hay una respuesta", ["Ver ticket"])
    assert (closing.text, closing.document) == (f"#{number}: el ticket está cerrado", None)
    await ada.taps("Ver ticket", on=answer)
    assert "La clave es 4711." in (await ada.last()).text
    await ada.taps("Descargar informe", on=closing)
    assert (await ada.last()).document == f"informe-{number}.pdf"


async def test_buttons_that_were_answered_go_in_one_edit_each(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "¿Qué modelo es?")
    push = await ada.last()
    await ada.taps("Responder", on=push)
    await ada.says("Epson TM-20")
    await ada.says("con cable", reply_to=push.id)
    assert (await ada.finds("¿Qué modelo es?")).buttons == ["Ver ticket"]
    assert (await ada.finds("Escriba su respuesta")).buttons == []
    assert len(await live.sim("/sim/journal?method=editMessageReplyMarkup")) == 2  # the push, and the question
    await tom.replies(number, "Gracias.")
    await tom.closes(number, as_="warranty", minutes=5)
    assert (await ada.finds("Gracias.")).buttons == ["Ver ticket"]


async def test_a_push_names_the_company_where_the_phone_acts_for_several(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "Uno.")
    assert "Comercial Andina" not in (await ada.finds("Uno.")).text
    async with live.database.write() as session:
        person = await session.scalar(select(Person).where(Person.telegram_id == ada.id))
        other = await session.scalar(select(Company).where(Company.ruc == TORNILLO))
        assert person is not None
        assert other is not None
        await bindings.bind(session, person, other, Proof.INVITATION, office=live.office)
    await tom.replies(number, "Dos.")
    assert "Comercial Andina" in (await ada.finds("Dos.")).text


@pytest.fixture
async def bea(live: LiveDesk, ada: Customer) -> Customer:
    """Ada's colleague, who follows her own tickets only."""
    bea = await live.customer("Bea", BEA_PHONE)
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    return bea


async def test_a_colleague_is_told_of_the_company_once_she_asks_for_it(
    live: LiveDesk, ada: Customer, bea: Customer, tom: Staff
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "Uno.")
    await bea.says("/preferencias")
    await bea.taps("Qué se avisa")
    await bea.taps("Toda la empresa")
    await tom.replies(number, "Dos.")
    assert [said.text.splitlines()[-1] for said in await bea.reads() if f"#{number}" in said.text] == ["Dos."]


async def test_the_account_says_hours_bag_and_movements(live: LiveDesk, ada: Customer, tom: Staff):
    numbers = await live.has_tickets(ada, [f"Falla {turn}" for turn in range(10)])
    for number in numbers[:9]:
        await tom.closes(number, as_="invoiced", minutes=20)
    await ada.says("/cuenta")
    page = await ada.last()
    assert "Horas compradas que le quedan: 10 h" in page.text
    assert "Hacia la próxima hora técnica: 0 de 60 minutos" in page.text
    assert "Horas técnicas: 3, ya facturadas: 0" in page.text
    assert "60 min pasaron a ser" not in page.text
    assert "1 h pasaron a ser la hora técnica 3" in page.text
    assert f"se sumaron 20 min a los minutos acumulados, ticket #{numbers[8]}" in page.text
    assert f"#{numbers[0]}" not in page.text
    await ada.taps("Siguiente", on=page)
    assert f"#{numbers[0]}" in (await ada.last()).text
    await ada.taps("Anterior", on=page)
    assert (await ada.last()).text == page.text


async def test_who_is_only_identified_sees_no_account(live: LiveDesk, eve: Customer):
    await eve.says("/cuenta")
    assert "Solo los teléfonos verificados" in (await eve.last()).text
