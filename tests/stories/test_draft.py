"""A ticket is written: in order, out of order, with files, and sent exactly once."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import func, select

from core.actions.content import FILES_OF_STRANGERS
from core.models import Article, Attachment, FileState, Ticket
from tests.desk import Customer, LiveDesk, Staff, sha256
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD


async def count(live: LiveDesk, table: type) -> int:
    async with live.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def sends_at_once(live: LiveDesk, customer: Customer, names: Sequence[str]) -> None:
    """Documents, each with its name as its content."""
    for name in names:
        data = {"kind": "document", "filename": name}
        await live.upload(f"/sim/chats/{customer.id}/messages", data, (name, name.encode()))
    await live.settle()


async def test_the_card_asks_in_order_and_shows_what_it_has(ada: Customer):
    await ada.says("Nuevo ticket")
    assert (await ada.last()).buttons == ["Soporte Técnico", "Solicitud de Desarrollo", "Cancelar"]
    assert "siempre se factura" in (await ada.last()).text
    await ada.taps("Soporte Técnico")
    products = ["SaciJava", "Saci Visual Basic", "SaciAnex ATS", "SACI Facturación Electrónica"]
    assert (await ada.last()).buttons == [*products, "Atrás", "Cancelar"]
    await ada.taps("SaciJava")
    await ada.says("No imprime facturas")
    await ada.says("Desde ayer no sale nada.")
    assert (await ada.last()).buttons == ["No tengo adjuntos", "Atrás", "Cancelar"]
    await ada.taps("No tengo adjuntos")
    card = await ada.last()
    for shown in ("Soporte Técnico", "SaciJava", "No imprime facturas", "Desde ayer no sale nada.", "ninguno"):
        assert shown in card.text
    assert card.buttons == ["Enviar", "Cancelar", "Servicio", "Producto", "Asunto", "Texto", "Adjuntos"]


async def test_a_card_with_more_files_than_it_can_show_is_shown_and_sent(live: LiveDesk, ada: Customer):
    await ada.says("Nuevo ticket")
    for label in ("Soporte Técnico", "SaciJava"):
        await ada.taps(label)
    await ada.says("Facturas rechazadas")
    await ada.says("Todas estas.")
    files = 70  # named as the SRI names them: together longer than a message may be
    await sends_at_once(live, ada, [f"{number:049}.xml" for number in range(files)])
    card = await ada.last()
    assert "… y 50 archivos anteriores" in card.text
    assert card.text.count("000…") == 20
    await ada.taps("Listo")
    await ada.taps("Enviar")
    assert "Su ticket es el #" in (await ada.last()).text
    assert await count(live, Attachment) == files


async def test_a_colleague_is_told_of_more_files_than_a_message_can_name(live: LiveDesk, ada: Customer):
    bea = await live.customer("Bea", "+593970000000")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    await bea.says("Preferencias")
    await bea.taps("Qué se avisa")
    await bea.taps("Toda la empresa")
    (number,) = await live.has_tickets(ada, ["Facturas rechazadas"])
    await sends_at_once(live, ada, [f"{letter * 250}.xml" for letter in "abcdefghijklmnopqrstuv"])
    await ada.taps(f"#{number} Facturas rechazadas")
    assert "y 2 más" in (await bea.finds(f"#{number} · Facturas rechazadas")).text


async def test_what_strangers_send_before_the_log_in_has_an_end(live: LiveDesk):
    eve = await live.customer("Eve", "+593960000000")
    await eve.says("/start")
    await sends_at_once(live, eve, [f"{number}.txt" for number in range(FILES_OF_STRANGERS + 2)])
    await eve.sends("foto1.png", media_group_id="fotos", caption="Esto es lo que se ve en la pantalla")
    await eve.sends("foto2.png", media_group_id="fotos")
    assert await count(live, Attachment) == FILES_OF_STRANGERS
    told = " ".join(said.text for said in await eve.reads() if "después de entrar" in said.text)
    refused = [f"{FILES_OF_STRANGERS}.txt", f"{FILES_OF_STRANGERS + 1}.txt", "foto1.png", "foto2.png"]
    assert [name for name in refused if name not in told] == []


async def test_enviar_makes_one_ticket_however_often_it_is_tapped(live: LiveDesk, ada: Customer):
    await ada.says("Nuevo ticket")
    for label in ("Soporte Técnico", "SaciJava"):
        await ada.taps(label)
    await ada.says("No imprime facturas")
    await ada.says("Desde ayer no sale nada.")
    await ada.taps("No tengo adjuntos")
    card = await ada.last()
    data = next(
        button["callback_data"]
        for row in card.raw["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == "Enviar"
    )
    taps = [live.sim(f"/sim/chats/{ada.id}/tap", {"message_id": card.id, "data": data}) for _ in range(5)]
    await asyncio.gather(*taps)
    await live.settle()
    assert await count(live, Ticket) == 1
    sent = [message for message in await ada.reads() if "Su ticket es el #" in message.text]
    assert len(sent) == 1
    assert "Estado: Nuevo" in sent[0].text


async def test_files_of_every_kind_and_an_album_arrive_with_the_same_bytes(live: LiveDesk, ada: Customer, tom: Staff):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("No imprime facturas")
    await ada.says("Adjunto todo.")
    await ada.sends("error.pdf", b"%PDF-1.4 error")
    await ada.sends("nota.ogg", b"OggS voz", kind="voice")
    for part in range(3):
        await ada.sends(f"parte{part}.txt", f"parte {part}".encode(), media_group_id="album-1")
    card = await ada.last()
    assert "error.pdf" in card.text
    assert "parte2.txt" in card.text
    assert "Listo" in card.buttons
    await ada.taps("Listo")
    await ada.taps("Enviar")

    async with live.database.read() as session:
        files = (await session.scalars(select(Attachment).order_by(Attachment.id))).all()
        assert await session.scalar(select(func.count()).select_from(Article)) == 1
    assert {file.state for file in files} == {FileState.STORED}
    assert {file.article_id for file in files} == {files[0].article_id}
    assert [file.sha256 for file in files if file.name == "error.pdf"] == [sha256(b"%PDF-1.4 error")]
    assert "error.pdf" in await tom.sees(1001)


async def test_one_message_goes_up_to_the_card_for_many_files(ada: Customer):
    await ada.says("Nuevo ticket")
    said = len(await ada.reads())
    for part in range(4):
        await ada.sends(f"parte{part}.txt", media_group_id="album-2")
    assert len(await ada.reads()) == said


async def test_a_file_can_be_taken_out_again(ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("Asunto")
    await ada.says("Texto")
    await ada.sends("secreto.txt")
    await ada.taps("Quitar secreto.txt")
    card = await ada.last()
    assert "secreto.txt" not in card.text
    assert "No tengo adjuntos" in card.buttons


async def test_a_long_subject_becomes_the_text_and_the_subject_is_asked_again(ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    story = "La factura 001-002 no se autoriza en el SRI y el cliente la espera. " * 3
    await ada.says(story)
    card = await ada.last()
    assert "lo tomamos como texto" in card.text
    assert "Escriba el asunto" in card.text
    await ada.says("Factura sin autorizar")
    assert "Envíe fotos" in (await ada.last()).text


async def test_words_before_the_service_is_chosen_are_kept(ada: Customer):
    await ada.says("/nuevo")
    await ada.says("No imprime facturas")
    await ada.taps("Solicitud de Desarrollo")
    card = await ada.last()
    assert "No imprime facturas" in card.text
    assert "Producto: SaciJava" in card.text, "development has one product: there is nothing to ask"
    assert "Cuéntenos qué pasa" in card.text


async def test_back_leads_to_the_question_before(ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("Atrás")
    assert "¿Qué servicio necesita?" in (await ada.last()).text
    await ada.taps("Soporte Técnico")
    await ada.taps("Saci Visual Basic")
    await ada.taps("Atrás")
    assert "¿Para qué producto?" in (await ada.last()).text


async def test_each_field_of_the_finished_card_can_be_changed(ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("No imprime")
    await ada.says("Texto de antes")
    await ada.taps("No tengo adjuntos")
    await ada.taps("Texto")
    await ada.says("Texto de ahora")
    card = await ada.last()
    assert "Texto de ahora" in card.text
    assert "Texto de antes" not in card.text
    assert "Enviar" in card.buttons


async def test_a_draft_waits_while_one_does_something_else(live: LiveDesk, ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.says("Mis tickets")
    await ada.says("/cancelar")
    assert "Su borrador queda guardado" in (await ada.last()).text
    await ada.says("Nuevo ticket")
    card = await ada.last()
    assert "Usted ya había empezado este ticket" in card.text
    assert "Soporte Técnico" in card.text
    await ada.taps("Cancelar")
    await ada.says("Nuevo ticket")
    assert "ya había empezado" not in (await ada.last()).text


async def test_a_file_telegram_does_not_let_us_fetch_is_answered_with_the_reason(ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.sends("respaldo.bak", fake_size=25_000_000)
    card = await ada.last()
    assert "más de 20 MB" in card.text
    assert "respaldo.bak" in card.text


async def test_without_verification_the_fourth_ticket_of_a_day_stays_a_draft(live: LiveDesk, eve: Customer):
    await live.has_tickets(eve, [f"Problema {turn}" for turn in range(3)])
    await eve.says("Nuevo ticket")
    await eve.taps("Soporte Técnico")
    await eve.taps("SaciJava")
    await eve.says("El cuarto")
    await eve.says("Texto del cuarto")
    await eve.taps("No tengo adjuntos")
    answer = await eve.taps("Enviar")
    assert "3 tickets al día" in answer["text"]
    assert await count(live, Ticket) == 3
    card = await eve.last()
    assert "El cuarto" in card.text
    assert "Verificar este teléfono" in card.buttons
