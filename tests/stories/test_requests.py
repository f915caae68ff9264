"""What the desk asks for: buttons that fit it, on top until it is answered, and said again."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core.actions import requests
from core.clock import now
from core.models import Article, ArticleKind, OfficeHours, Ticket
from core.rules.requests import Asks
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD

SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def always_open(live: LiveDesk) -> None:
    async with live.database.write() as session:
        await session.execute(delete(OfficeHours))
        session.add_all(OfficeHours(weekday=weekday, opens=0, closes=1440) for weekday in range(7))


async def opens_only_in_three_days(live: LiveDesk) -> None:
    day = (now().astimezone(live.office.t.timezone) + timedelta(days=3)).weekday()
    async with live.database.write() as session:
        await session.execute(delete(OfficeHours))
        session.add(OfficeHours(weekday=day, opens=480, closes=1020))


async def reminds(live: LiveDesk, number: int) -> None:
    """Let the time of the next reminder come, if there is one."""
    async with live.database.write() as session:
        is_waiting = (Ticket.number == number) & Ticket.request_due_at.is_not(None)
        await session.execute(update(Ticket).where(is_waiting).values(request_due_at=now() - timedelta(minutes=1)))
        await requests.remind_due(session, office=live.office)
    await live.settle()


async def colleague(live: LiveDesk, name: str = "Bea") -> Customer:
    bea = await live.customer(name, "+593990000002")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    await bea.says("/preferencias")
    await bea.taps("Qué se avisa")
    await bea.taps("Toda la empresa")
    return bea


@SQLITE
async def test_a_time_is_chosen_with_one_tap_and_the_buttons_go_from_every_chat(
    live: LiveDesk, ada: Customer, tom: Staff
):
    await always_open(live)
    bea = await colleague(live)
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "", asks="time")
    push, colleagues = await ada.last(), await bea.finds("A qué hora le llamamos")
    assert push.buttons[-2:] == ["Otra hora", "Ver ticket"]
    assert 4 <= len(push.buttons) - 2 <= 6
    assert "esperando: hora para llamar" in await tom.sees(number)

    await ada.taps(push.buttons[0], on=push)
    noted = await ada.last()
    assert noted.text == f"Anotado en #{number}. Le llamamos el {push.buttons[0].lower()}."
    told = {message.id: message.buttons for message in [*await ada.reads(), *await bea.reads()]}
    assert told[push.id] == told[colleagues.id] == ["Ver ticket"]
    assert f"Pueden llamarme el {push.buttons[0].lower()}." in (await bea.last()).text
    page = await tom.sees(number)
    assert f"Pueden llamarme el {push.buttons[0].lower()}." in page
    assert "esperando:" not in page

    slot = push.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert "ya fue respondido" in (await bea.taps_data(slot, on=colleagues))["text"]
    async with live.database.read() as session:
        said = await session.scalars(select(Article).where(Article.kind == ArticleKind.CUSTOMER))
        assert len(said.all()) == 2, "one answer, however often it is tapped"


@SQLITE
async def test_a_file_and_a_code_have_buttons_of_their_own_and_the_next_message_is_the_answer(
    live: LiveDesk, ada: Customer, tom: Staff
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "", asks="file")
    assert (await ada.last()).buttons == ["Enviar el archivo", "Ver ticket"]
    await ada.taps("Enviar el archivo")
    assert "Envíe ahora el archivo" in (await ada.last()).text
    await ada.sends("captura.png", b"\x89PNG\r\n\x1a\n")
    assert (await ada.last()).text == f"Anotado en #{number}"
    assert "captura.png" in await tom.sees(number)

    await tom.replies(number, "¿Cuál es su código de AnyDesk?", asks="code")
    await ada.taps("Enviar el código")
    await ada.says("123 456 789")
    async with live.database.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert (ticket.request_id, ticket.request_asks, ticket.request_due_at) == (None, None, None)


@SQLITE
async def test_a_time_that_is_over_offers_others(live: LiveDesk, ada: Customer, tom: Staff):
    await always_open(live)
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "¿Cuándo le llamo?", asks="time")
    answer = await ada.taps_data(f"slot:{number}:{int(now().timestamp()) // 60 - 5}")
    assert "ya pasó" in answer["text"]
    again = await ada.last()
    assert "¿Cuándo le llamamos" in again.text
    await ada.taps(again.buttons[0], on=again)
    assert "Le llamamos el" in (await ada.last()).text


async def test_what_is_missing_stands_on_top_of_the_list_over_its_pages(live: LiveDesk, ada: Customer, tom: Staff):
    numbers = await live.has_tickets(ada, [f"Caso {turn}" for turn in range(14)])
    asked = numbers[:2]
    for number in asked:
        await tom.replies(number, "Mande una captura.", asks="file")
    await ada.presses("Mis tickets")
    seen, listed = [], await ada.last()
    first = f"#{asked[1]} 📌 Falta: una captura o un archivo · Caso 1"
    assert listed.buttons[0] == first
    assert "Falta: una captura o un archivo" in listed.text
    for _ in range(2):
        seen += [label.split()[0] for label in listed.buttons if label.startswith("#")]
        await ada.taps("Siguiente", on=listed)
        listed = await ada.last()
    seen += [label.split()[0] for label in listed.buttons if label.startswith("#")]
    assert seen == [f"#{number}" for number in [*reversed(asked), *reversed(numbers[2:])]]
    for _ in range(2):
        await ada.taps("Anterior", on=listed)
    top = await ada.last()
    assert top.buttons[0] == first
    assert "Anterior" not in top.buttons

    await ada.taps(first, on=top)
    shown = await ada.last()
    assert "Falta: una captura o un archivo" in shown.text
    assert shown.buttons[0] == "Enviar el archivo"
    await ada.says("Ya se arregló", reply_to=shown.id)
    await ada.presses("Mis tickets")
    assert (await ada.last()).buttons[0].startswith(f"#{asked[0]} ")


@SQLITE
async def test_a_request_is_said_again_twice_and_not_to_who_muted_it(live: LiveDesk, ada: Customer, tom: Staff):
    await always_open(live)
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "Mande una captura.", asks="file")
    await opens_only_in_three_days(live)
    await reminds(live, number)
    assert "Seguimos esperando" not in (await ada.last()).text, "nobody is reminded while the desk is closed"
    await always_open(live)
    for _ in range(3):
        await reminds(live, number)
    said = [message for message in await ada.reads() if "Seguimos esperando" in message.text]
    assert len(said) == 2
    assert "Mande una captura." in said[0].text
    assert said[0].buttons == ["Enviar el archivo", "Ver ticket"]
    await ada.says("Aquí está", reply_to=said[1].id)
    assert [message.buttons for message in await ada.reads() if message.id == said[0].id] == [["Ver ticket"]]

    await tom.replies(number, "¿Y la otra?", asks="file")
    await ada.taps("Ver ticket")
    await ada.taps(f"Silenciar #{number}")
    await reminds(live, number)
    assert len([message for message in await ada.reads() if "Seguimos esperando" in message.text]) == 2


@SQLITE
async def test_closing_and_asking_to_close_end_a_request(live: LiveDesk, ada: Customer, tom: Staff):
    first, second = await live.has_tickets(ada, ["No imprime", "No abre"])
    for number in (first, second):
        await tom.replies(number, "", asks="code")
    await ada.taps_data(f"askclose:{first}")
    await tom.closes(second, as_="warranty", minutes=5)
    asking = [message.text for message in await ada.reads() if "Enviar el código" in message.buttons]
    assert asking == []
    async with live.database.read() as session:
        assert set(await session.scalars(select(Ticket.request_asks))) == {None}


def test_every_sort_has_words_for_everybody():
    from core.render import requests as words

    for table in (words.MISSING_WORDS, words.ASKS_WORDS, words.PROMPT_WORDS, words.USUAL_WORDS):
        assert set(table) == set(Asks)
