"""The main job: opened on the phone, answered and closed in the panel, pushed back."""

from tests.desk import Customer, LiveDesk, Staff, sha256


async def test_a_closed_ticket_is_billed_reported_and_announced(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime facturas")
    await tom.closes(number, as_="invoiced", minutes=4)

    push = await ada.finds("Cerrado y facturado")
    assert "15 min" in push.text
    assert push.document == f"informe-{number}.pdf"
    mail = (await live.mails())[-1]
    assert mail["attachments"][0]["sha256"] == sha256(await ada.bytes_of(push))


async def test_an_answer_is_pushed_and_the_reply_comes_back(live: LiveDesk, ada: Customer, tom: Staff):
    number = await ada.opens_ticket("No imprime facturas")
    await tom.replies(number, "¿Está encendida la impresora?")

    push = await ada.finds("¿Está encendida la impresora?")
    assert f"#{number}" in push.text
    assert "Tomás Ruiz" in push.text
    assert push.buttons == ["Responder", "Ver ticket"]
    assert "Estado: Abierto" in (await ada.last()).text

    await ada.says("Sí, está encendida.", reply_to=push.id)
    assert f"Anotado en #{number}" in (await ada.last()).text
    assert "Sí, está encendida." in await tom.sees(number)
