"""A draft is kept, thrown away and taken back; is the same as another ticket or not; and what Enviar answers."""

from datetime import date, timedelta

from sqlalchemy import delete, func, select

from core.clock import now
from core.models import Article, Attachment, HolidayChange, OfficeHours, PolicyValue, Ticket
from tests.desk import Customer, LiveDesk, Staff


async def count(live: LiveDesk, table: type) -> int:
    async with live.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def begins(ada: Customer, subject: str, *, with_text: bool = True) -> None:
    """A draft that lacks its files, or its text, too."""
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says(subject)
    if with_text:
        await ada.says("Desde ayer no sale nada.")


async def opens(live: LiveDesk, *, today: str | None) -> None:
    """The desk works day and night; ``today`` and the day after may be a holiday."""
    async with live.database.write() as session:
        await session.execute(delete(OfficeHours))
        session.add_all(OfficeHours(weekday=weekday, opens=0, closes=1440) for weekday in range(7))
        first: date = now().astimezone(live.office.t.timezone).date()
        session.add_all(HolidayChange(day=first + timedelta(days=day), name=today) for day in range(2))


async def test_the_card_says_what_is_missing_and_how_long_the_text_is(ada: Customer):
    await begins(ada, "Reporte de ventas", with_text=False)
    assert "Falta: texto, adjuntos." in (await ada.last()).text
    await ada.says("Necesito el reporte de ventas. " * 40)
    await ada.sends("reporte.pdf", b"%PDF-1.4 " + b"x" * 14_000)
    card = await ada.last()
    assert "(1239 caracteres en total)" in card.text
    assert len(card.text) < 1000
    assert "reporte.pdf (14 KB)" in card.text
    assert "Falta" not in card.text, "a file is there, and more may come"
    await ada.says("Otra cosa más.")
    await ada.taps("Listo")
    assert "(1255 caracteres en total)" in (await ada.last()).text
    await ada.taps("Asunto")
    await ada.taps("Atrás")
    assert "Enviar" in (await ada.last()).buttons, "back from a change is the whole card"


async def test_what_was_typed_is_not_thrown_away_by_a_slip(live: LiveDesk, ada: Customer):
    await begins(ada, "No imprime facturas")
    said = len(await ada.reads())
    await ada.taps("Cancelar")
    assert "¿Descartar este borrador?" in (await ada.last()).text
    await ada.taps("No, seguir")
    assert "No imprime facturas" in (await ada.last()).text
    await ada.taps("Cancelar")
    await ada.taps("Sí, descartar")
    assert (await ada.last()).buttons == ["Deshacer"]
    await ada.taps("Deshacer")
    card = await ada.last()
    assert "No imprime facturas" in card.text
    assert "Desde ayer no sale nada." in card.text
    assert len(await ada.reads()) == said, "all of it happened on the one card"

    await ada.taps("Cancelar")
    await ada.taps("Sí, descartar")
    dropped = await ada.last()
    await ada.says("Nuevo ticket")
    answer = await ada.taps("Deshacer", on=dropped)
    assert "otro" in answer["text"]
    assert await count(live, Ticket) == 0


async def test_the_same_trouble_goes_to_the_ticket_there_is(live: LiveDesk, ada: Customer, tom: Staff):
    (number,) = await live.has_tickets(ada, ["Las facturas no se imprimen"])
    await ada.says("Nuevo ticket")
    await ada.says(
        "Sigue saliendo en blanco desde la mañana, y ya apagamos y prendimos todo como nos dijeron ayer. " * 2
    )
    await ada.sends("hoja.pdf", b"%PDF-1.4 hoja")
    subject = await ada.says("No imprime facturas")
    card = await ada.last()
    assert f"¿Es lo mismo que #{number} (Las facturas no se imprimen)?" in card.text
    assert card.buttons[:2] == [f"Sí, agregar a #{number}", "No, es otro"]
    await ada.taps(f"Sí, agregar a #{number}")

    noted = await ada.last()
    assert f"Anotado en #{number}" in noted.text
    assert await count(live, Ticket) == 1
    async with live.database.read() as session:
        article = (await session.scalars(select(Article).order_by(Article.id.desc()))).first()
        files = (await session.scalars(select(Attachment).where(Attachment.article_id == article.id))).all()
    assert "No imprime facturas" in article.text
    assert "Sigue saliendo en blanco" in article.text
    assert [file.name for file in files] == ["hoja.pdf"]

    await ada.says("Y tampoco los reportes.", reply_to=noted.id)
    assert "Y tampoco los reportes." in await tom.sees(number)
    await live.sim(f"/sim/chats/{ada.id}/messages/{subject}/edit", {"text": "No imprime nada"})
    await live.settle()
    page = await tom.sees(number)
    assert "No imprime nada" in page
    assert "Las facturas no se imprimen" in page, "a correction of the draft's subject does not rename the ticket"


async def test_another_trouble_is_asked_about_once_and_foreign_tickets_never(
    live: LiveDesk, ada: Customer, eve: Customer
):
    (number,) = await live.has_tickets(ada, ["No imprime facturas"])
    await begins(eve, "No imprime facturas")
    assert f"#{number}" not in (await eve.last()).text

    await begins(ada, "No imprime facturas")
    assert "¿Es lo mismo que" in (await ada.last()).text
    await ada.taps("No, es otro")
    assert "¿Es lo mismo que" not in (await ada.last()).text
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    assert "Su ticket es el #" in (await ada.last()).text
    assert await count(live, Ticket) == 2


async def test_enviar_names_the_place_the_hours_and_the_holiday(live: LiveDesk, ada: Customer):
    await live.has_tickets(ada, ["Otro asunto"])
    await opens(live, today="Día del cantón")
    await begins(ada, "No imprime facturas")
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    sent = (await ada.last()).text
    assert "Hay 1 ticket antes que el suyo" in sent
    assert "Ahora estamos cerrados: hoy es feriado: Día del cantón; abrimos" in sent
    assert "Atendemos lunes a domingo de 00:00 a 24:00." in sent


async def test_while_the_desk_is_open_only_its_hours_are_said(live: LiveDesk, ada: Customer):
    await opens(live, today=None)
    await begins(ada, "No imprime facturas")
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    sent = (await ada.last()).text
    assert "Atendemos lunes a domingo de 00:00 a 24:00." in sent
    assert "cerrados" not in sent


async def test_a_desk_that_needs_a_file_asks_for_it_and_keeps_the_rest(live: LiveDesk, ada: Customer):
    await begins(ada, "No imprime facturas")
    await ada.taps("No tengo adjuntos")
    whole = await ada.last()
    async with live.database.write() as session:
        session.add(PolicyValue(name="files_mandatory", value=True))
    answer = await ada.taps("Enviar", on=whole)
    assert "Necesitamos al menos un archivo" in answer["text"]
    card = await ada.last()
    assert "No imprime facturas" in card.text
    assert card.buttons == ["Atrás", "Cancelar"]
    assert await count(live, Ticket) == 0
    await ada.sends("foto.pdf", b"%PDF-1.4 foto")
    await ada.taps("Enviar")
    assert await count(live, Ticket) == 1


async def test_a_loose_message_becomes_a_ticket_in_few_taps_or_goes_away(live: LiveDesk, ada: Customer):
    await ada.says("El sistema se cierra solo al guardar una compra. Pasa desde la actualización.")
    loose = await ada.last()
    assert loose.buttons == ["Abrir un ticket nuevo con esto", "Cancelar"]
    await ada.taps("Cancelar")
    await ada.taps("Deshacer")
    await ada.taps("Abrir un ticket nuevo con esto")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.taps("Usar «El sistema se cierra solo al guardar…»")
    card = await ada.last()
    assert "Asunto: El sistema se cierra solo al guardar una compra" in card.text
    assert "Pasa desde la actualización." in card.text
