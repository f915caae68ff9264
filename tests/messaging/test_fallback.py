"""What a chat did not take reaches the company by mail once, and the next push names what may not have arrived."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.actions import closing, deliveries, retraction, tickets
from core.actions.writing import NewFile
from core.clock import now
from core.errors import ConflictError
from core.messaging import fallback, outbox
from core.messaging.email import EmailChannel
from core.messaging.store import Received
from core.models import Article, Binding, Channel, DeliveryState, OutboxRow, Person, Technician, Ticket, Urgency
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.rules.notices import Follows
from core.rules.permissions import Role
from core.rules.states import State
from tests.admin.desk import Desk
from tests.messaging.wire import ADA, BRUNO, Wire, words

NAMED = "Es posible que no le haya llegado un mensaje anterior sobre #1001."


class Office(Desk):
    """Tom writes to Ada, who opened the ticket, and to Bruno, who follows her company."""

    wire: Wire
    tom: Technician
    ticket: Ticket

    async def replies(self, text: str, *files: NewFile) -> None:
        async with self.database.write() as session:
            ticket = await session.get_one(Ticket, self.ticket.id)
            await tickets.reply(session, self.tom, ticket, text=text, files=files, office=self.office)

    async def of_chat(self, chat: int) -> list[OutboxRow]:
        return [row for row in await self.all_of(OutboxRow) if row.lane == str(chat)]

    async def is_over(self) -> bool:
        rows = await self.all_of(OutboxRow)
        return not any(row.state in {DeliveryState.QUEUED, DeliveryState.SENDING} for row in rows)

    async def settles(self) -> list[dict[str, Any]]:
        """Everything that could go has gone; the mails."""
        await self.wire.wait_for(self.is_over, hours_fly=True)
        return sorted(await self.wire.sim("/sim/mails"), key=lambda mail: mail["id"])


@pytest.fixture
async def office(wire: Wire) -> Office:
    office = Office(wire.database, wire.office)
    office.wire = wire
    office.tom = await office.employ("tom")
    company = await office.registers(emails=("pagos@ada.example", "gerencia@ada.example"), purchased_minutes=60)
    ada = await office.greets(company, "Ada", ADA)
    await office.greets(company, "Bruno", BRUNO)
    async with wire.database.write() as session:
        await session.execute(update(Binding).values(follows=Follows.COMPANY))
    office.ticket = await office.receives(company, ada, state=State.OPEN)
    wire.channels[Channel.EMAIL] = EmailChannel(
        wire.simulator.smtp_url, "soporte@saci.example", wire.store, report_sha256=_not_drawn
    )
    return office


async def _not_drawn(report_id: int) -> str:
    raise LookupError(f"report {report_id} is not drawn")


async def a_file(wire: Wire, name: str, content: bytes) -> NewFile:
    stored = await wire.store.put(content)
    return NewFile(name, Received(stored.sha256, stored.size, "application/pdf", None))


async def test_a_blocked_chat_is_mailed_once_to_every_address_with_the_files(office: Office, wire: Wire):
    file = await a_file(wire, "guía.pdf", b"%PDF-1.7 guia")
    await wire.fails("403", method="send*")
    await office.replies("Revise <esto> & avise.", file)
    wire.start()
    mails = await office.settles()
    assert {row.state for chat in (ADA, BRUNO) for row in await office.of_chat(chat)} == {DeliveryState.PARKED}
    assert sorted(mail["rcpt_to"][0] for mail in mails) == ["gerencia@ada.example", "pagos@ada.example"]
    for mail in mails:
        assert mail["subject"] == "#1001 Novedades: No imprime facturas"
        assert "Tom" in mail["text"]
        assert "Revise <esto> & avise." in mail["text"]
        assert "<b>" not in mail["text"]
        assert "Revise &lt;esto&gt; &amp; avise." in mail["html"]
        assert [attachment["name"] for attachment in mail["attachments"]] == ["guía.pdf"]


async def test_a_push_in_doubt_is_mailed_whole_and_one_mail_is_enough_for_its_files_too(office: Office, wire: Wire):
    await wire.fails("403", method="send*", chat_id=BRUNO)
    await wire.fails("drop_after", method="send*", chat_id=ADA)
    await office.replies("x" * 4500, await a_file(wire, "a.pdf", b"%PDF-1.7 a"))
    wire.start()
    mails = await office.settles()
    assert {row.state for row in await office.of_chat(ADA)} == {DeliveryState.UNCERTAIN}
    assert len(mails) == 2
    assert mails[0]["text"].count("x") >= 4500
    carried = {row.carried_by_id for chat in (ADA, BRUNO) for row in await office.of_chat(chat)}
    assert carried == {row.id for row in await office.all_of(OutboxRow) if row.lane.startswith("mail")} & carried


async def test_a_file_too_large_for_a_mail_is_named_in_it(office: Office, wire: Wire, monkeypatch):
    monkeypatch.setattr(fallback, "FILES_LIMIT", 20)
    files = [await a_file(wire, "a.pdf", b"%PDF-1.7 a"), await a_file(wire, "b.pdf", b"%PDF-1.7 " + b"b" * 99)]
    await wire.fails("403", method="send*", chat_id=ADA)
    await office.replies("Vea", *files)
    wire.start()
    mail, _ = await office.settles()
    assert [attachment["name"] for attachment in mail["attachments"]] == ["a.pdf"]
    assert "Demasiado grande para este correo: b.pdf." in mail["text"]


async def test_a_closing_mails_its_report_and_nothing_else(office: Office, wire: Wire):
    await wire.fails("403", method="send*")
    async with wire.database.write() as session:
        ticket = await by_number(session, office.ticket.number, lock=True)
        request = ClosureRequest(Closure.INVOICED, "Impresora apagada", "y" * 1500, 4)
        tom = await session.get_one(Technician, office.tom.id)
        await closing.close(session, tom, ticket, request, office=office.office)
    async with wire.database.write() as session:  # this line draws no reports
        await session.execute(update(OutboxRow).values(report_id=None))
    wire.start()
    await office.settles()
    mails = [row for row in await office.all_of(OutboxRow) if row.channel is Channel.EMAIL]
    assert sorted(row.payload["to"][0] for row in mails) == ["gerencia@ada.example", "pagos@ada.example"]
    assert all("Cerrado y facturado" in row.payload["subject"] for row in mails)


async def retracts(office: Office, text: str) -> None:
    async with office.database.write() as session:
        ticket = await by_number(session, office.ticket.number)
        article = await session.scalar(select(Article).where(Article.text == text))
        assert article is not None
        await retraction.retract(session, office.tom, ticket, position=article.position)


async def retracts_beside(office: Office, text: str) -> None:
    """By a transaction that could not see what another was putting."""
    async with office.database.write() as session:
        await session.execute(update(Article).where(Article.text == text).values(retracted_at=now()))


@pytest.mark.parametrize("retract", [retracts, retracts_beside])
async def test_what_was_retracted_while_the_mail_server_was_away_is_never_mailed(
    office: Office, wire: Wire, retract: Callable[[Office, str], Awaitable[None]]
):
    mail = wire.channels[Channel.EMAIL]
    wire.channels[Channel.EMAIL] = EmailChannel(
        "smtp://127.0.0.1:1", "soporte@saci.example", wire.store, report_sha256=_not_drawn
    )
    await wire.fails("403", method="send*")
    await office.replies("La clave es 4711")
    wire.start()
    await wire.wait_for(lambda: mail_was_tried(office), hours_fly=True)
    await retract(office, "La clave es 4711")
    await wire.stop()
    wire.channels[Channel.EMAIL] = mail
    await office.replies("Reinicie.")
    wire.start()
    mails = await office.settles()
    assert {("Reinicie." in one["text"], "4711" in one["text"]) for one in mails} == {(True, False)}


async def test_what_was_on_its_way_as_its_reader_left_leaves_the_chat_once_it_is_retracted(
    office: Office, wire: Wire
):
    await office.replies("La clave es 4711")
    wire.start()
    await office.settles()
    await wire.stop()
    (sent,) = await office.of_chat(ADA)
    await wire.leave_sending(sent.id, doubts=0)
    async with office.database.write() as session:
        await outbox.cancel_lane(session, ADA, company_id=office.ticket.company_id)
    await retracts(office, "La clave es 4711")
    async with office.database.write() as session:
        back = {"state": DeliveryState.SENT, "provider_id": sent.provider_id}
        await session.execute(update(OutboxRow).where(OutboxRow.id == sent.id).values(back))
    wire.start()
    await office.settles()
    assert await wire.reads(ADA) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_mail_waits_for_who_is_just_retracting_what_it_says(office: Office, wire: Wire):
    async with office.database.write() as session:
        article = await session.scalar(select(Article).where(Article.position == 1))
        assert article is not None
        about = outbox.Subject(ticket_id=article.ticket_id, article_id=article.id)
        said = {"to": ["pagos@ada.example"], "subject": "#1001", "text": "La clave es 4711", "html": "4711"}
        await outbox.put(session, "mail-1", "mail", said, channel=Channel.EMAIL, about=about)
    async with office.database.write() as session:
        query = select(Article).where(Article.id == article.id).with_for_update(key_share=True)
        found = (await session.scalars(query)).one()
        found.retracted_at = now()
        await session.flush()
        wire.start()
        await wire.until(await wire.put(ADA, "Otra cosa"), "sent")
        assert await wire.sim("/sim/mails") == []
    assert await office.settles() == []


async def mail_was_tried(office: Office) -> bool:
    return any(row.channel is Channel.EMAIL and row.attempts for row in await office.all_of(OutboxRow))


async def test_what_was_retracted_goes_no_other_way_once_its_chat_refuses_it(office: Office, wire: Wire):
    """It was on its way as it was taken back: then the chat is found blocked."""
    await office.replies("La clave es 4711")
    await retracts_beside(office, "La clave es 4711")
    await wire.fails("403", method="send*")
    wire.start()
    assert await office.settles() == []
    (row,) = await office.of_chat(ADA)
    async with office.database.write() as session:
        with pytest.raises(ConflictError, match="retracted"):
            await deliveries.retry(session, await office.employ("vera", Role.SUPERVISOR), row.id)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_answers_and_notes_are_not_mailed(office: Office, wire: Wire):
    await wire.fails("403", method="send*")
    async with wire.database.write() as session:
        ticket = await session.get_one(Ticket, office.ticket.id)
        tom = await session.get_one(Technician, office.tom.id)
        await tickets.note(session, tom, ticket, text="Cliente difícil", submission="n1", files=())
    await wire.put(ADA, "Su menú", about=fallback.Subject(ticket_id=office.ticket.id))
    wire.start()
    assert await office.settles() == []
    assert (await office.of_chat(ADA))[0].state is DeliveryState.PARKED


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_company_without_address_is_left_to_the_desk(wire: Wire):
    office = Office(wire.database, wire.office)
    company = await office.registers()
    ticket = await office.receives(company, await office.greets(company, "Ada", ADA))
    await wire.fails("403", method="send*")
    row = await wire.put(ADA, "hola", about=fallback.Subject(ticket_id=ticket.id), urgency=Urgency.NEWS)
    wire.start()
    await wire.until(row, "parked")
    assert [row.channel for row in await office.all_of(OutboxRow)] == [Channel.TELEGRAM]


# --- the next push names it -------------------------------------------------------------------------


async def doubt(office: Office, wire: Wire, text: str = "uno") -> None:
    """A push to Ada that ends uncertain."""
    await wire.fails("drop_before", chat_id=ADA, times=2)
    await office.replies(text)
    await office.settles()
    assert DeliveryState.UNCERTAIN in {row.state for row in await office.of_chat(ADA)}


async def test_the_next_push_names_what_may_not_have_arrived_once_and_in_that_chat_only(office: Office, wire: Wire):
    wire.start()
    await doubt(office, wire)
    await wire.put(ADA, "Su menú")  # an answer is no push
    await office.replies("dos")
    await office.replies("tres")
    await office.settles()
    said = await wire.reads(ADA)
    assert [NAMED in text for text in said] == [False, True, False]
    assert said[1].endswith(f"dos\n\n{NAMED}")
    assert not any(NAMED in text for text in await wire.reads(BRUNO))


async def test_it_is_named_after_a_restart_too_and_once_for_all(office: Office, wire: Wire):
    wire.start()
    await doubt(office, wire)
    for text in ("dos", "tres"):
        await wire.stop()
        wire.start()
        await office.replies(text)
        await office.settles()
    assert [NAMED in text for text in await wire.reads(ADA)] == [True, False]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_caption_that_is_full_leaves_it_to_the_next_push(office: Office, wire: Wire):
    wire.start()
    await doubt(office, wire)
    stored = await wire.store.put(b"%PDF-1.7 informe")
    document = {"document": {"sha256": stored.sha256, "name": "informe.pdf"}, "caption": "z" * 1000}
    await wire.put(ADA, "", method="sendDocument", payload=document, urgency=Urgency.NEWS)
    await office.replies("dos")
    await office.settles()
    said = await wire.reads(ADA)
    assert said[0] == "z" * 1000
    assert said[1].endswith(NAMED)


async def test_a_push_found_on_its_way_with_a_doubt_is_mailed_at_the_start(office: Office, wire: Wire):
    await office.replies("uno")
    async with wire.database.write() as session:
        await session.execute(
            update(OutboxRow).where(OutboxRow.lane == str(ADA)).values(state=DeliveryState.SENDING, doubts=1)
        )
    wire.start()
    mails = await office.settles()
    assert len(mails) == 2
    assert all("uno" in mail["text"] for mail in mails)
    assert [row.state for row in await office.of_chat(ADA)] == [DeliveryState.UNCERTAIN]
    assert words(await wire.calls(chat=ADA)) == []
    async with wire.database.read() as session:
        assert (await session.scalar(select(Person).where(Person.telegram_id == ADA))).blocked_at is None


async def test_mail_of_yesterday_waits_until_a_person_lets_it_go(office: Office, wire: Wire):
    for subject in ("Ayer", "Hoy"):
        async with wire.database.write() as session:
            payload = {"to": ["pagos@ada.example"], "subject": subject, "text": subject, "html": ""}
            await outbox.put(session, f"mail-{subject}", "mail", payload, channel=Channel.EMAIL)
        wire.clock.shift(timedelta(hours=13))
    wire.start()
    assert [mail["subject"] for mail in await office.settles()] == ["Hoy"]
    (held,) = [row for row in await office.all_of(OutboxRow) if row.state is DeliveryState.HELD]
    vera = await office.employ("vera", role=Role.SUPERVISOR)
    async with wire.database.write() as session:
        await deliveries.retry(session, vera, held.id)
    assert [mail["subject"] for mail in await office.settles()] == ["Hoy", "Ayer"]
