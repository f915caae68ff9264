"""Taking back an answer: what may go, what stays, and what is noted."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from core.clock import now
from core.models import AuditEntry, Channel, DeliveryState, OutboxRow, Urgency
from core.rules.permissions import Role


@pytest.fixture
async def ticket(desk, company):
    return await desk.receives(company, await desk.greets(company))


async def retracts(browser, ticket, position: int) -> int:
    address = f"/tickets/{ticket.number}/articles/{position}/retract"
    fields = {"csrf": browser.form("/note").fields["csrf"]}
    browser.answer = await browser.client.post(
        address, data=fields, headers={"Origin": browser.origin}, follow_redirects=True
    )
    return browser.status


async def test_what_waits_never_goes_and_what_was_mailed_is_said(desk, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Equivocado", asks="other")
    (push,) = [row for row in await desk.all_of(OutboxRow) if row.article_id]
    async with desk.database.write() as session:
        mail = OutboxRow(
            channel=Channel.EMAIL,
            lane="mail-1",
            method="mail",
            payload={"to": ["ada@ferreteria.ec"]},
            urgency=Urgency.NEWS,
            ticket_id=ticket.id,
            article_id=push.article_id,
            state=DeliveryState.SENT,
            due_at=now(),
            created_at=now(),
            sent_at=now(),
        )
        session.add(mail)
    assert (await desk.ticket(ticket.number)).request_id is not None

    await tom.sends("/articles/2/retract")

    assert [row.state for row in await desk.all_of(OutboxRow)] == [DeliveryState.CANCELLED, DeliveryState.SENT]
    assert "Retirada por Tom el " in tom.text
    assert "ada@ferreteria.ec: entregado al servidor de correo" in tom.text
    assert "no se puede retirar" in tom.text
    after = await desk.ticket(ticket.number)
    assert (after.customer_spoke_last, after.request_id) == (True, None)
    assert ("article.retracted", f"ticket {ticket.number}", {"article": 2}) in [
        (entry.action, entry.object, entry.data) for entry in await desk.all_of(AuditEntry)
    ]


async def test_what_may_have_arrived_before_it_was_taken_back_is_not_called_unsent(desk, log_in, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="La clave es 4711")
    async with desk.database.write() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.article_id.is_not(None)).values(doubts=1, attempts=1))
    await tom.sends("/articles/2/retract")
    assert "dudoso" in tom.text
    assert "no se puede retirar" in tom.text
    vera = await log_in("vera", Role.SUPERVISOR)
    await vera.opens("/deliveries")
    assert "si llegó, se queda en el chat" in vera.text


async def test_what_may_not_be_taken_back_says_why(desk, log_in, tom, ticket):
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/reply", text="Ya está")
    await tom.sends("/note", text="Es el cable")
    assert "Retirar mensaje 2" in tom.answer.text
    assert "Retirar mensaje 3" not in tom.answer.text
    for position, words in ((1, "Solo se puede retirar lo que escribió"), (3, "Una nota interna nunca se envió")):
        assert (await retracts(tom, ticket, position), words in tom.text) == (409, True)
    assert await retracts(tom, ticket, 9) == 404
    await tom.opens(f"/tickets/{ticket.number}")
    with time_machine.travel(now() + timedelta(hours=49)):
        tom = await log_in("sofia")
        await tom.opens(f"/tickets/{ticket.number}")
        assert "Retirar mensaje" not in tom.answer.text
        assert (await retracts(tom, ticket, 2), "durante 48 horas" in tom.text) == (409, True)
    berta = await log_in("berta", Role.BILLING)
    await berta.opens(f"/tickets/{ticket.number}")
    assert "Retirar mensaje" not in berta.answer.text
