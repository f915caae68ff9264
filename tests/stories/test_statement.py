"""Ada asks the chat for a month of her company's account, to read and to count with."""

import pytest

from tests.desk import Customer, LiveDesk, Staff
from tests.render.snapshots import words_of
from tests.stories.conftest import ANDINA

# What a statement says is asked of both databases beside the accounts.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def test_a_month_comes_as_a_document_to_read_and_as_one_to_count_with(
    live: LiveDesk, ada: Customer, tom: Staff
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.closes(number, as_="invoiced", minutes=20)
    await ada.says("/cuenta")
    await ada.taps("Mes en PDF")
    choice = await ada.last()
    assert "¿de qué mes?" in choice.text
    await ada.taps(choice.buttons[0])
    pdf = await ada.last()
    assert (pdf.document or "").startswith(f"estado-de-cuenta-{ANDINA}-")
    assert choice.buttons[0] in pdf.text
    words = words_of(await ada.bytes_of(pdf))
    assert f"Cerrado y facturado #{number} " in words

    await ada.says("/cuenta")
    await ada.taps("Mes en CSV")
    await ada.taps(choice.buttons[0])
    table = await ada.last()
    assert f'"Cerrado y facturado";"#{number}"' in (await ada.bytes_of(table)).decode("utf-8-sig")
