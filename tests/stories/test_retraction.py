"""A wrong answer is taken back: it leaves the chat, and no customer finds it any more."""

from sqlalchemy import select

from core.models import Report
from tests.desk import Customer, LiveDesk, Staff


async def test_a_wrong_answer_leaves_the_chat_and_all_a_customer_may_see(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime facturas")
    await tom.replies(number, "Reinicie el servicio.")
    wrong = "La clave de Comercial Pichincha es 4711."
    await tom.replies(number, wrong, files=[("claves.txt", b"4711", "text/plain")])
    await ada.finds(wrong)

    await tom.does(number, "/articles/3/retract")

    assert not any("Pichincha" in said.text or said.document for said in await ada.reads())
    await ada.finds("Reinicie el servicio.")
    shown = await tom.sees(number)
    assert "Retirada por Tomás Ruiz el " in shown
    assert wrong in shown
    assert "borrado del chat" in shown

    await ada.taps("Ver ticket", on=await ada.finds("Reinicie el servicio."))
    assert "Pichincha" not in " ".join(said.text for said in await ada.reads())
    assert "claves.txt" not in " ".join(said.text for said in await ada.reads())
    await ada.presses("Buscar")
    await ada.says("Pichincha")
    assert f"#{number}" not in " ".join((await ada.last()).buttons)

    await tom.closes(number, as_="warranty", minutes=4)
    async with live.database.read() as session:
        (snapshot,) = await session.scalars(select(Report.snapshot))
    assert "Reinicie el servicio." in str(snapshot)
    assert "Pichincha" not in str(snapshot)
    assert "claves.txt" not in str(snapshot)
