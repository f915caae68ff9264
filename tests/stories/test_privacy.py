"""No company ever sees another, and no note ever leaves the desk."""

import re

import pytest

from tests.desk import Customer, LiveDesk, Staff


async def words_of(customer: Customer) -> str:
    return "\n".join(said.text + " ".join(said.buttons) for said in await customer.reads())


async def test_another_companys_ticket_does_not_exist(live: LiveDesk, ada: Customer, eve: Customer):
    (number,) = await live.has_tickets(ada, ["Balance secreto de Andina"])
    await eve.says(f"/buscar {number}")
    assert f"Aquí no hay ningún ticket #{number}" in (await eve.last()).text
    for data in (f"ticket:{number}", f"answer:{number}", f"report:{number}", f"file:{number}:1"):
        shown = (await eve.last()).id
        tapped = await live.sim(f"/sim/chats/{eve.id}/tap", {"message_id": shown, "data": data})
        await live.settle()
        answer = await live.sim(f"/sim/callbacks/{tapped['callback_query_id']}")
        assert answer["answered"]
    seen = await words_of(eve)
    assert "secreto" not in seen
    assert "Andina" not in seen


async def test_a_forged_tap_cannot_put_words_into_a_foreign_draft(live: LiveDesk, ada: Customer, eve: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    for data in ("set:1:service:development", "send:1", "cancel:1", "place:1:1001"):
        await live.sim(f"/sim/chats/{eve.id}/tap", {"message_id": (await eve.last()).id, "data": data})
        await live.settle()
    assert "Soporte Técnico" in (await ada.last()).text
    assert "Para qué producto" in (await ada.last()).text


async def test_an_identified_chat_sees_only_its_own_tickets(live: LiveDesk, eve: Customer):
    bruno = await live.customer("Bruno", "+593987654321")
    await bruno.logs_in("1790012345001", "1790012345001")
    await bruno.presses("Compartir mi número")
    (number,) = await live.has_tickets(bruno, ["Caja de Bruno"])
    (own,) = await live.has_tickets(eve, ["Caja de Eve"])
    await eve.says("Tickets de empresa")
    assert "Solo un teléfono verificado" in (await eve.last()).text
    await eve.says("Mis tickets")
    assert [button.split()[0] for button in (await eve.last()).buttons[:-1]] == [f"#{own}"]
    await eve.says(f"/buscar {number}")
    assert "no hay ningún ticket" in (await eve.last()).text
    await bruno.says("Tickets de empresa")
    assert len([button for button in (await bruno.last()).buttons if button.startswith("#")]) == 2


async def test_an_internal_note_never_reaches_a_customer(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.does(number, "/note", text="NOTA-SECRETA: la señora no paga")
    await tom.replies(number, "Lo revisamos.")
    await tom.closes(number, as_="warranty", minutes=10)
    await ada.says(f"/buscar {number}")
    assert "NOTA-SECRETA" not in await words_of(ada)
    assert "NOTA-SECRETA" not in str(await live.mails())
    assert "NOTA-SECRETA" in await tom.sees(number)


@pytest.mark.parametrize("closure", ["implementation", "invoiced"])
async def test_who_is_only_identified_learns_the_charge_but_no_balance_and_no_report(
    live: LiveDesk, eve: Customer, tom: Staff, closure: str
):
    (number,) = await live.has_tickets(eve, ["Caja de Eve"])
    await tom.closes(number, as_=closure, minutes=20)
    push = await eve.finds("verifique este teléfono")
    assert "20 min" in push.text
    assert not re.search("quedan|acumulad", push.text.lower())
    assert "Verificar este teléfono" in push.buttons
    assert "Descargar informe" not in push.buttons
    await eve.taps_data(f"report:{number}:1", on=push)
    assert "Solo un teléfono verificado" in (await eve.last()).text
    assert not [said for said in await eve.reads() if said.document]
    await eve.says(f"/buscar {number}")
    assert "Descargar informe" not in str([said.buttons for said in await eve.reads()])
