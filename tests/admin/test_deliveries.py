"""What did not arrive: seen with its reason, dealt with by who may, and never twice."""

import pytest
from sqlalchemy import func, select, text, update

from core.clock import now
from core.db import Database
from core.messaging import inbox, outbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import (
    AuditEntry,
    Binding,
    Channel,
    DeliveryAttempt,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Urgency,
)
from core.queries import deliveries
from core.render.troubles import NO_CHANNEL
from core.rules.permissions import Role
from tests.admin.browser import Browser
from tests.admin.desk import Desk

ADA = 501
SECRET = "palabras de la clienta"


@pytest.fixture
async def company(desk: Desk):
    return await desk.registers(emails=("pagos@ada.example",))


@pytest.fixture
async def ada(desk: Desk, company):
    return await desk.greets(company, chat=ADA)


@pytest.fixture
async def ticket(desk: Desk, company, ada):
    return await desk.receives(company, ada)


@pytest.fixture
async def vera(log_in) -> Browser:
    return await log_in("vera", Role.SUPERVISOR)


async def a_push(database: Database, ticket, state: DeliveryState, error: str | None = None, **more) -> int:
    """A push to Ada that ended so; its id."""
    async with database.write() as session:
        about = outbox.Subject(ticket_id=ticket.id if ticket else None)
        row = await outbox.put(session, ADA, "sendMessage", {"text": "hola"}, urgency=Urgency.NEWS, about=about)
        row.state, row.error, row.attempts = state, error, 1
        for name, value in more.items():
            setattr(row, name, value)
        session.add(DeliveryAttempt(outbox_id=row.id, started_at=now(), outcome="doubtful", detail=error))
        return row.id


async def row_of(database: Database, row_id: int) -> OutboxRow:
    async with database.read() as session:
        return await session.get_one(OutboxRow, row_id)


async def a_lost_update(database: Database, update_id: int = 7, *, lane: int = ADA) -> None:
    async with database.write() as session:
        item = Incoming(update_id, str(lane), SECRET.encode())
        await inbox.accept(session, [item], bot_id=1, vault=Vault(b"k" * 32), now=now())
    async with database.write() as session:
        row = await session.get_one(InboxRow, (1, update_id))
        row.state, row.attempts, row.error = InboxState.DEAD, 5, "ValueError"


async def audited(desk: Desk) -> list[AuditEntry]:
    return [entry for entry in await desk.all_of(AuditEntry) if entry.action.startswith(("delivery", "update"))]


async def test_a_delivery_is_shown_with_its_reason_its_ticket_and_its_tries(database, ticket, tom):
    await tom.opens("/deliveries")
    assert "Todo llegó o está en camino." in tom.text
    await a_push(database, ticket, DeliveryState.DEAD, "Bad Request: <b>message is too long</b>")
    await tom.opens("/deliveries")
    assert "Ada Ferretería Ada fallido El texto es demasiado largo para Telegram. 1 intento" in tom.text
    assert "sin respuesta Bad Request: <b>message is too long</b>" in tom.text
    assert f"/tickets/{ticket.number}" in tom.page.links
    await tom.opens(f"/tickets/{ticket.number}")
    assert "Telegram · Ada: fallido" in tom.text


@pytest.mark.parametrize(
    ("state", "error", "why"),
    [
        (DeliveryState.UNCERTAIN, "TimedOut: Timed out", "Dos veces no hubo respuesta"),
        (DeliveryState.PARKED, None, "La persona bloqueó el bot."),
        (DeliveryState.PARKED, "Forbidden: user is deactivated", "La cuenta de Telegram ya no existe."),
        (DeliveryState.HELD, NO_CHANNEL, "No hay un servidor de correo configurado"),
        (DeliveryState.HELD, None, "Retenido al restaurar un respaldo"),
    ],
)
async def test_every_state_has_its_shelf_and_its_reason(database, ticket, tom, state, error, why):
    await a_push(database, ticket, state, error)
    for shelf in ("", state):
        await tom.opens(f"/deliveries?state={shelf}")
        assert why in tom.text
    await tom.opens("/deliveries?state=dead")
    assert "Aquí no hay nada." in tom.text


async def test_what_is_tried_in_vain_has_a_shelf_and_can_be_given_up(database, desk, ticket, vera):
    first_time = await a_push(database, ticket, DeliveryState.QUEUED, attempts=0)
    await vera.opens("/deliveries?state=queued")
    assert "Aquí no hay nada." in vera.text
    row_id = await a_push(database, ticket, DeliveryState.QUEUED, "the file cannot be read: PermissionError")
    await vera.opens("/deliveries?state=queued")
    assert "Todavía no ha salido. Se vuelve a intentar." in vera.text
    assert "PermissionError" in vera.text
    await vera.sends(f"/deliveries/{row_id}/discard", reason="El archivo se perdió")
    assert (await row_of(database, row_id)).state is DeliveryState.CANCELLED
    for untouched, state in ((first_time, DeliveryState.QUEUED), (row_id, DeliveryState.SENDING)):
        async with database.write() as session:
            (await session.get_one(OutboxRow, untouched)).state = state
        answer = await vera.client.post(
            f"/deliveries/{untouched}/discard",
            data=vera.form("/logout").fields | {"reason": "No hace falta"},
            headers={"Origin": vera.origin},
        )
        assert answer.status_code == 409
        assert (await row_of(database, untouched)).state is state


@pytest.mark.parametrize(
    ("outcome", "detail", "words"),
    [
        ("not_sent", "450 4.2.0 Greylisted", "el servidor de correo pidió intentar más tarde"),
        ("not_sent", "421 4.3.2 Closing", "el servidor de correo pidió intentar más tarde"),
        ("not_sent", "Connection refused", "sin conexión"),
        ("token", "535 5.7.8 Bad credentials", "el servidor de correo no aceptó la contraseña de la mesa de ayuda"),
        ("bad_content", "550 5.1.1 No such user", "el servidor de correo lo rechazó"),
    ],
)
async def test_a_try_of_a_mail_is_told_in_words_of_mail(database, ticket, tom, outcome, detail, words):
    row_id = await a_push(database, ticket, DeliveryState.DEAD, detail, channel=Channel.EMAIL)
    async with database.write() as session:
        await session.execute(
            update(DeliveryAttempt).where(DeliveryAttempt.outbox_id == row_id).values(outcome=outcome, detail=detail)
        )
    await tom.opens("/deliveries")
    assert f"{words} {detail}" in tom.text


async def test_the_newest_come_first_and_pages_follow_each_other(database, ticket, tom):
    async with database.write() as session:
        for number in range(deliveries.PAGE + 3):
            row = await outbox.put(session, 8000 + number, "sendMessage", {"text": "x"}, urgency=Urgency.NEWS)
            row.state = DeliveryState.DEAD
    await tom.opens("/deliveries?state=dead")
    assert tom.text.index(f"{8000 + deliveries.PAGE + 2}") < tom.text.index(f"{8000 + deliveries.PAGE + 1}")
    assert str(8002) not in tom.text
    (following,) = [link for link in tom.page.links if "before=" in link]
    await tom.opens(following)
    assert all(str(8000 + number) in tom.text for number in range(3))
    assert not [link for link in tom.page.links if "before=" in link]


@pytest.mark.parametrize(
    "address",
    ["?state=nothing", "?before=x", "?before=99999999999", "?state=lost&before=2026~1"],
)
async def test_an_address_that_says_nothing_shows_the_first_page(database, ticket, tom, address):
    await a_push(database, ticket, DeliveryState.DEAD)
    await a_lost_update(database)
    await tom.opens(f"/deliveries{address}")
    assert tom.status == 200
    assert "Ada" in tom.text


# --- what people do about it ------------------------------------------------------------------------


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.UNCERTAIN, DeliveryState.PARKED])
async def test_a_retry_queues_it_once_however_often_the_form_is_sent(desk, database, ticket, vera, state):
    row_id = await a_push(database, ticket, state, "x", doubts=2, content_retries=1)
    await vera.opens(f"/deliveries?state={state}")
    page = vera.answer
    await vera.sends("/retry")
    assert "Se vuelve a enviar ahora." in vera.text
    assert vera.answer.url.params["state"] == state
    row = await row_of(database, row_id)
    assert (row.state, row.doubts, row.content_retries) == (DeliveryState.QUEUED, 2, 0)
    vera.answer = page
    await vera.sends("/retry")
    assert vera.status == 200
    (entry,) = await audited(desk)
    assert (entry.action, entry.object, entry.data["before"]) == ("delivery.retried", f"delivery {row_id}", state)


async def test_two_people_at_once_are_told_that_it_is_done(database, ticket, vera, log_in):
    await a_push(database, ticket, DeliveryState.DEAD)
    otto = await log_in("otto", Role.ADMINISTRATOR)
    await vera.opens("/deliveries")
    await otto.opens("/deliveries")
    await vera.sends("/retry")
    await otto.sends("/retry")
    assert otto.status == 409
    assert "Mientras tanto alguien ya lo atendió." in otto.text


async def test_what_is_discarded_needs_a_reason_and_is_no_longer_shown(desk, database, ticket, vera):
    row_id = await a_push(database, ticket, DeliveryState.UNCERTAIN)
    await vera.opens("/deliveries")
    await vera.sends("/discard", reason=" ")
    assert vera.status == 422
    assert "Escriba el motivo." in vera.text
    await vera.sends("/discard", reason="Ada dice que llegó")
    assert "Se descartó." in vera.text
    assert (await row_of(database, row_id)).state is DeliveryState.CANCELLED
    (entry,) = await audited(desk)
    assert (entry.action, entry.data["reason"]) == ("delivery.discarded", "Ada dice que llegó")


async def test_nobody_is_told_anew_of_a_company_they_no_longer_act_for(database, ticket, vera):
    row_id = await a_push(database, ticket, DeliveryState.UNCERTAIN)
    async with database.write() as session:
        (await session.scalars(select(Binding))).one().ended_at = now()
    await vera.opens("/deliveries")
    await vera.sends("/retry")
    assert vera.status == 409
    assert "ya no actúa por la empresa" in vera.text
    assert (await row_of(database, row_id)).state is DeliveryState.UNCERTAIN


async def test_what_a_restore_held_is_released_as_a_possible_repetition(database, ticket, vera):
    row_id = await a_push(database, ticket, DeliveryState.HELD, doubts=1)
    await vera.opens("/deliveries?state=held")
    await vera.sends(f"/{row_id}/release")
    row = await row_of(database, row_id)
    assert (row.state, row.doubts) == (DeliveryState.QUEUED, 1)


async def test_a_mail_held_for_want_of_a_server_is_no_repetition(database, ticket, vera):
    row_id = await a_push(database, ticket, DeliveryState.HELD, NO_CHANNEL, channel=Channel.EMAIL)
    await vera.opens("/deliveries?state=held")
    await vera.sends(f"/{row_id}/release")
    row = await row_of(database, row_id)
    assert (row.state, row.doubts) == (DeliveryState.QUEUED, 0)


async def test_everything_held_goes_with_one_tick_except_what_its_reader_may_not_know(
    desk, database, company, ticket, vera
):
    held = [await a_push(database, ticket, DeliveryState.HELD) for _ in range(3)]
    stranger = await a_push(database, ticket, DeliveryState.HELD, lane="777")
    await vera.opens("/deliveries?state=held")
    await vera.sends("/held/release")
    assert vera.status == 422
    assert "Marque la casilla para confirmar." in vera.text
    page = vera.answer
    await vera.sends("/held/release", sure="1")
    assert "Todo lo retenido está en camino." in vera.text
    vera.answer = page
    await vera.sends("/held/release", sure="1")
    assert {(await row_of(database, row_id)).state for row_id in held} == {DeliveryState.QUEUED}
    assert (await row_of(database, stranger)).state is DeliveryState.CANCELLED
    (entry,) = await audited(desk)
    assert (entry.action, entry.data) == ("delivery.all_released", {"count": 3})


async def test_everything_held_is_discarded_for_a_reason(desk, database, ticket, vera):
    held = [await a_push(database, ticket, DeliveryState.HELD) for _ in range(2)]
    await vera.opens("/deliveries?state=held")
    await vera.sends("/held/discard", reason="")
    assert vera.status == 422
    await vera.sends("/held/discard", reason="La copia es de ayer")
    assert {(await row_of(database, row_id)).state for row_id in held} == {DeliveryState.CANCELLED}
    (entry,) = await audited(desk)
    assert entry.data == {"count": 2, "reason": "La copia es de ayer"}


# --- updates that could not be taken in -------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.BILLING, Role.AUDITOR])
async def test_who_may_only_look_finds_no_forms_and_none_is_taken(database, ticket, log_in, role):
    row_id = await a_push(database, ticket, DeliveryState.DEAD)
    await a_lost_update(database)
    somebody = await log_in("otto", role)
    await somebody.opens("/deliveries")
    assert "fallido" in somebody.text
    assert {form.action for form in somebody.page.forms} == {"/", "/account/stay", "/logout"}, "only the search"
    assert "necesitan atención" not in somebody.text
    csrf = somebody.form("/logout").fields["csrf"]
    for path in (f"{row_id}/retry", f"{row_id}/discard", "held/release", "updates/1/7/reprocess"):
        answer = await somebody.client.post(
            f"/deliveries/{path}", data={"csrf": csrf, "reason": "x"}, headers={"Origin": somebody.origin}
        )
        assert answer.status_code == 403, path
    assert (await row_of(database, row_id)).state is DeliveryState.DEAD


async def test_a_form_from_elsewhere_is_refused(database, ticket, vera):
    row_id = await a_push(database, ticket, DeliveryState.DEAD)
    answer = await vera.client.post(
        f"/deliveries/{row_id}/retry", data={"csrf": "x"}, headers={"Origin": vera.origin}
    )
    assert answer.status_code == 403
    await vera.opens(f"/deliveries/{row_id}/retry")
    assert vera.answer.url.path == "/deliveries"


@pytest.mark.parametrize("path", ["999/retry", "999/discard", "updates/1/999/reprocess", "updates/1/999/discard"])
async def test_what_does_not_exist_is_not_found(database, ticket, vera, path):
    await vera.opens("/deliveries")
    csrf = vera.form("/logout").fields["csrf"]
    answer = await vera.client.post(
        f"/deliveries/{path}", data={"csrf": csrf, "reason": "x"}, headers={"Origin": vera.origin}
    )
    assert answer.status_code == 404


async def test_the_header_counts_what_needs_a_person(database, ticket, vera):
    await vera.opens("/")
    assert "necesita" not in vera.text
    await a_push(database, ticket, DeliveryState.PARKED)
    await a_push(database, ticket, DeliveryState.DEAD, method="editMessageText")
    await a_push(database, ticket, DeliveryState.DEAD)
    await vera.opens("/")
    assert "Entregas 1 : 1 necesita atención" in vera.text
    await a_push(database, ticket, DeliveryState.UNCERTAIN)
    await a_push(database, ticket, DeliveryState.HELD)
    await a_lost_update(database)
    await vera.opens(f"/tickets/{ticket.number}")
    assert "Entregas 4 : 4 necesitan atención" in vera.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_the_count_reads_no_more_than_what_is_stuck(database):
    """A partial index is found only where its condition stands in the query word for word."""
    async with database.read() as session:
        connection = await session.connection()
        stuck = select(func.count()).where(deliveries.in_trouble(), OutboxRow.state != DeliveryState.PARKED)
        lost = select(func.count()).where(deliveries.is_lost())
        for query, index in ((stuck, "ix_outbox_troubled"), (lost, "ix_inbox_dead")):
            written = query.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
            plan = await session.execute(text(f"EXPLAIN QUERY PLAN {written}"))
            assert index in str(plan.all())
