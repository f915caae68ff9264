"""How little a job takes in the chat: taps, messages, and what the bot says meanwhile; docs/chat.md quotes these."""

from pathlib import Path

import pytest

from tests.desk import Customer, LiveDesk, Staff

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
MANUAL = (Path(__file__).parents[2] / "docs/chat.md").read_text()


class Counter:
    """Plays a job as its customer does, and counts; no action is answered by more than one message."""

    def __init__(self, customer: Customer) -> None:
        self._customer, self.taps, self.messages = customer, 0, 0

    async def presses(self, label: str) -> None:
        self.taps += 1
        await self._calmly(self._customer.presses(label))

    async def taps_on(self, label: str) -> None:
        self.taps += 1
        await self._calmly(self._customer.taps(label))

    async def says(self, text: str, **more: object) -> None:
        self.messages += 1
        await self._calmly(self._customer.says(text, **more))

    async def _calmly(self, action) -> None:
        before = {said.id for said in await self._customer.reads()}
        await action
        new = [said.text for said in await self._customer.reads() if said.id not in before]
        assert len(new) <= 1, new


def stands_in_the_manual(job: str, counter: Counter) -> bool:
    return f"| {job} | {counter.taps} | {counter.messages} |" in MANUAL


async def test_opening_a_ticket(live: LiveDesk, ada: Customer):
    counter = Counter(ada)
    await counter.presses("Nuevo ticket")
    await counter.taps_on("Soporte Técnico")
    await counter.taps_on("SaciJava")
    await counter.says("No imprime facturas")
    await counter.says("Desde ayer no sale nada en la impresora.")
    await counter.taps_on("No tengo adjuntos")
    await counter.taps_on("Enviar")
    assert "Su ticket es el #" in (await ada.finds("Su ticket es el #")).text
    assert stands_in_the_manual("Open a ticket", counter), (counter.taps, counter.messages)


async def test_reading_the_last_answer_and_answering_a_request(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    counter = Counter(ada)
    await tom.replies(number, "Mande una captura, por favor.", asks="other")
    push = await ada.finds("Mande una captura")  # it is in the notification already
    assert stands_in_the_manual("Read the last answer", counter)
    await counter.says("Aquí está", reply_to=push.id)
    assert stands_in_the_manual("Answer a request", counter)
    assert (await ada.last()).text == f"Anotado en #{number}"


async def test_finding_a_ticket_of_last_month(live: LiveDesk, ada: Customer):
    numbers = await live.has_tickets(ada, ["No cuadra", "Impresora fiscal apagada", "Falla el respaldo"])
    counter = Counter(ada)
    await counter.presses("Buscar")
    await counter.says("impresora")
    await counter.taps_on(f"#{numbers[1]}")
    assert "Impresora fiscal apagada" in (await ada.last()).text
    assert stands_in_the_manual("Find a ticket of last month", counter), (counter.taps, counter.messages)
