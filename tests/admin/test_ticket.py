"""Working on a ticket: one form each, over HTTP."""

import asyncio
import re
from datetime import timedelta

import pytest

from core.actions import tickets
from core.clock import now
from core.models import ArticleKind, Attachment, CallAttempt, OutboxRow, Technician, TimeEntry
from core.queries.tickets import by_number
from core.rules.permissions import Role
from core.rules.states import State


@pytest.fixture
async def company(desk):
    return await desk.registers(emails=["ada@ferreteria.ec"], phones=["0991234567"], purchased_minutes=120)


@pytest.fixture
async def ada(desk, company):
    return await desk.greets(company)


@pytest.fixture
async def ticket(desk, company, ada):
    return await desk.receives(company, ada)


async def test_a_reply_reaches_the_customer_once_however_often_it_is_sent(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    form = tom.form("/reply")
    for _ in range(2):
        answer = await tom.client.post(
            form.action, data=form.fields | {"text": "¿Qué impresora es?"}, headers={"Origin": tom.origin}
        )
        assert answer.status_code == 303
        assert re.fullmatch(rf"/tickets/{ticket.number}\?at=[-\d]+#end", answer.headers["location"])

    assert [article.text for article in await desk.articles(ticket)] == [
        "Desde ayer sale en blanco.",
        "¿Qué impresora es?",
    ]
    pushes = [row for row in await desk.all_of(OutboxRow) if row.article_id]
    assert [row.lane for row in pushes] == ["501"]
    now = await desk.ticket(ticket.number)
    assert now.state is State.OPEN
    assert now.assignee.name == "Tom"

    await tom.opens(f"/tickets/{ticket.number}")
    assert "¿Qué impresora es?" in tom.text
    assert "Telegram · Ada: en cola" in tom.text
    assert "Estado: Abierto" in tom.text


async def test_a_note_is_kept_and_told_to_nobody(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/note", text="Parece el controlador.")

    assert "Nota interna – el cliente no la ve" in tom.text
    assert (await desk.articles(ticket))[-1].kind is ArticleKind.NOTE
    assert await desk.all_of(OutboxRow) == []


async def test_files_of_a_note_come_back_with_it_and_go_to_nobody(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    assert tom.form("/note").kinds["files"] == "file"
    await tom.sends("/note", text="x" * 20_001, files=[("registro.txt", b"error 7", "text/plain")])
    assert (tom.status, "registro.txt" in tom.text) == (422, True)
    await tom.sends("/note", text="El registro del servidor")
    assert tom.status == 200
    assert (await desk.articles(ticket))[-1].kind is ArticleKind.NOTE
    link = next(link for link in tom.page.links if "/files/" in link)
    assert (await tom.client.get(link)).content == b"error 7"
    assert await desk.all_of(OutboxRow) == []


async def test_an_empty_reply_comes_back_with_the_reason_beside_the_field(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="   ")

    assert tom.status == 422
    assert 'aria-describedby="reply-text-problem"' in tom.answer.text
    assert "Escriba un texto." in tom.text


async def test_calls_and_time_are_recorded_once(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    page = tom.answer
    for _ in range(2):
        tom.answer = page
        await tom.sends("/calls", outcome="no_answer")
        tom.answer = page
        await tom.sends("/time", minutes="20", note="Revisión remota")

    assert [(call.outcome, call.phone) for call in await desk.all_of(CallAttempt)] == [("no_answer", "+593991234567")]
    assert [entry.minutes for entry in await desk.all_of(TimeEntry)] == [20]
    assert "Tom llamó: No contesta" in tom.text
    assert "Tom trabajó 20 min · Revisión remota" in tom.text


@pytest.mark.parametrize("minutes", ["", "0", "-5", "media hora", "1.5", "²"])
async def test_minutes_that_are_none_come_back(desk, tom, ticket, minutes):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/time", minutes=minutes, note="Lo que hice")

    assert tom.status == 422
    assert tom.form("/time").fields["note"] == "Lo que hice"
    assert tom.form("/time").fields["minutes"] == minutes
    assert await desk.all_of(TimeEntry) == []


async def test_pending_needs_a_date_ahead_and_somebody_of_development(desk, tom, ticket):
    sofia = await desk.employ("sofia", is_development=True)
    await tom.opens(f"/tickets/{ticket.number}")
    assert tom.form("/pending").choices["responsible"] == ["", str(sofia.id)]

    await tom.sends("/pending", remind_at="2001-01-01T10:00", responsible=str(sofia.id))
    assert tom.status == 422
    assert tom.form("/pending").fields["remind_at"] == "2001-01-01T10:00"

    await tom.sends("/pending", remind_at="", responsible="")
    assert tom.status == 422

    ahead = now().astimezone(desk.office.t.timezone).date() + timedelta(days=3)
    await tom.sends("/pending", remind_at=f"{ahead}T10:00", responsible=str(sofia.id))
    assert tom.status == 200
    assert f"Tom lo dejó pendiente hasta el {ahead:%d/%m/%Y} 10:00, responsable: Sofia" in tom.text
    pending = await desk.ticket(ticket.number)
    assert (pending.state, pending.responsible.name) == (State.PENDING, "Sofia")


async def test_a_pending_ticket_goes_back_to_open_once(desk, tom, ticket):
    sofia = await desk.employ("sofia", is_development=True)
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Lo ve Desarrollo.")
    assert not [form for form in tom.page.forms if form.action.partition("#")[0].endswith("/resume")]
    ahead = now().astimezone(desk.office.t.timezone).date() + timedelta(days=3)
    await tom.sends("/pending", remind_at=f"{ahead}T10:00", responsible=str(sofia.id))
    assert "Volver a Abierto" in tom.text

    form, told = tom.form("/resume"), len(await desk.all_of(OutboxRow))
    for _ in range(2):
        answer = await tom.client.post(form.action, data=form.fields, headers={"Origin": tom.origin})
        assert answer.status_code == 303
    (push,) = (await desk.all_of(OutboxRow))[told:]
    assert "Estado: Abierto" in push.payload["text"]
    back = await desk.ticket(ticket.number)
    assert (back.state, back.remind_at, back.responsible) == (State.OPEN, None, None)

    await tom.opens(f"/tickets/{ticket.number}")
    assert "Tom devolvió el ticket a Abierto" in tom.text
    await tom.opens("/?waiting=desk")
    assert f"#{ticket.number}" in tom.text


async def test_take_makes_the_ticket_mine(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/take")

    assert "Tom tomó el ticket" in tom.text
    assert (await desk.ticket(ticket.number)).assignee.name == "Tom"


async def test_files_go_in_and_come_out_as_downloads_only(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    page = b'<script>alert("hola")</script>'
    await tom.sends(
        "/reply", text="Vea el manual", files=[("manual ñ.html", page, "text/html"), ("a.txt", b"a", "text/plain")]
    )

    link = next(link for link in tom.page.links if "/files/" in link)
    answer = await tom.client.get(link)
    assert answer.content == page
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''manual%20%C3%B1.html"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert len(await desk.all_of(Attachment)) == 2


async def test_a_file_of_another_ticket_is_not_there(desk, tom, ticket, company, ada):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Vea", files=[("a.txt", b"a", "text/plain")])
    link = next(link for link in tom.page.links if "/files/" in link)
    other = await desk.receives(company, ada, "Otro")

    answer = await tom.client.get(link.replace(str(ticket.number), str(other.number)))
    assert answer.status_code == 404


async def test_a_refused_reply_keeps_its_text_and_its_files(desk, tom, ticket, company):
    """Somebody closed the ticket while Tom was writing."""
    await tom.opens(f"/tickets/{ticket.number}")
    writing = tom.answer
    await tom.sends("/closure", closure="warranty", cause="Error del sistema", solution="Corregido", minutes="5")
    tom.answer = writing
    await tom.sends("/reply", text="Ya casi está", files=[("captura.png", b"\x89PNG\r\n\x1a\n", "image/png")])

    assert tom.status == 409
    assert tom.form("/reply").fields["text"] == "Ya casi está"
    assert "captura.png" in tom.text
    assert "Mientras escribía, el ticket cambió: ahora está Cerrado por garantía." in tom.text
    assert "Lo cerró Tom" in tom.text
    assert len(await desk.articles(ticket)) == 1


async def test_kept_files_are_sent_with_the_repeated_form(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="x" * 20_001, files=[("captura.png", b"\x89PNG\r\n\x1a\n", "image/png")])
    assert tom.status == 422

    await tom.sends("/reply", text="Más corto")
    assert tom.status == 200
    assert [file.name for file in await desk.all_of(Attachment)] == ["captura.png"]


async def test_a_file_nobody_sent_here_cannot_be_kept(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Hola", kept="WyJ4Il0=.0000")

    assert tom.status == 200
    assert await desk.all_of(Attachment) == []


async def test_too_much_comes_back_with_the_text(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Adjunto todo", files=[("grande.bin", b"x" * (20 * 1024 * 1024 + 1), "a/b")])

    assert tom.status == 413
    assert "20 MB" in tom.text
    assert tom.form("/reply").fields["text"] == "Adjunto todo"
    assert len(await desk.articles(ticket)) == 1


async def test_names_and_texts_are_shown_and_never_run(desk, tom, company):
    eve = await desk.greets(company, '<img src=x onerror="alert(1)">', 666)
    ticket = await desk.receives(company, eve, "<script>alert(2)</script>", '"><b>hola</b>', verified=False)
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/note", text="</textarea><script>alert(3)</script>")

    for evil in ("<img src=x", "<script>alert", "<b>hola"):
        assert evil not in tom.answer.text
    assert '"><b>hola</b>' in tom.text
    assert "sin verificar" in tom.text


async def test_an_auditor_reads_and_finds_no_form(desk, log_in, ticket):
    vera = await log_in("vera", Role.AUDITOR)
    await vera.opens(f"/tickets/{ticket.number}")
    assert {form.action for form in vera.page.forms} == {"/", "/account/stay", "/logout"}, "only the search"

    csrf = vera.form("/logout").fields["csrf"]
    answer = await vera.client.post(
        f"/tickets/{ticket.number}/reply", data={"csrf": csrf, "text": "x"}, headers={"Origin": vera.origin}
    )
    assert answer.status_code == 403
    assert len(await desk.articles(ticket)) == 1


async def test_nobody_on_telegram_is_said_in_plain_words(desk, tom, company, log_in):
    lonely = await desk.registers("1790012345001", "Panadería Sola")
    await tom.opens("/tickets/new")
    await tom.sends(
        "/tickets/new", company=lonely.ruc, service="support", product="SaciJava", subject="Llamó", text="Pide ayuda"
    )
    assert "Nadie de esta empresa está en Telegram" in tom.text


@pytest.mark.parametrize("number", [9999, 2**31, 10**30])
async def test_a_ticket_that_does_not_exist(tom, number):
    await tom.opens(f"/tickets/{number}")
    assert tom.status == 404
    assert "No existe" in tom.text or "No hay nada aquí" in tom.text


async def test_two_clicks_at_the_same_instant_make_one_article(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    form = tom.form("/reply")
    send = [
        tom.client.post(form.action, data=form.fields | {"text": "Una vez"}, headers={"Origin": tom.origin})
        for _ in range(4)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*send)} == {303}
    assert [article.text for article in await desk.articles(ticket)][1:] == ["Una vez"]


async def test_a_long_conversation_comes_in_stretches(desk, database, tom, ticket):
    async with database.write() as session:
        held = await by_number(session, ticket.number, lock=True)
        actor = await session.get_one(Technician, 1)
        for index in range(150):
            await tickets.note(session, actor, held, text=f"Nota {index:03}.")
    await tom.opens(f"/tickets/{ticket.number}")
    assert "Nota 149." in tom.text
    assert "Desde ayer" not in tom.text
    earlier = next(link for link in tom.page.links if "before=" in link)
    shown = set(re.findall(r"Nota \d{3}\.", tom.text))
    await tom.opens(earlier)
    assert "Desde ayer" in tom.text
    assert "Ada abrió el ticket" in tom.text
    assert len(shown | set(re.findall(r"Nota \d{3}\.", tom.text))) == 150


async def test_a_file_says_when_it_is_not_there_yet(desk, database, tom, ticket):
    (article,) = await desk.articles(ticket)
    async with database.write() as session:
        session.add_all(
            Attachment(
                article_id=article.id, kind="photo", name=name, media_type="image/jpeg", state=state, created_at=now()
            )
            for name, state in (("foto.jpg", "pending"), ("base.mdb", "failed"))
        )
    await tom.opens(f"/tickets/{ticket.number}")
    assert "foto.jpg el archivo todavía se está trayendo" in tom.text
    assert "base.mdb no se pudo traer el archivo" in tom.text
    assert not any("/files/" in link for link in tom.page.links)
    assert (await tom.client.get(f"/tickets/{ticket.number}/files/1/foto.jpg")).status_code == 404


async def test_the_address_of_a_form_leads_back_to_its_ticket(tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}/closure/preview")
    assert tom.answer.url.path == f"/tickets/{ticket.number}"
