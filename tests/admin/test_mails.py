"""What the desk reads of a mail: that the mail server has it, never that it arrived."""

from core.clock import now
from core.messaging import outbox
from core.models import Channel, DeliveryState, Urgency


async def test_a_mail_was_handed_over_and_nobody_says_that_it_arrived(desk, tom):
    company = await desk.registers(emails=("pagos@ada.example",))
    ticket = await desk.receives(company, await desk.greets(company))
    about = outbox.Subject(ticket_id=ticket.id)
    async with desk.database.write() as session:
        payload = {"to": ["pagos@ada.example"]}
        mail = await outbox.put(
            session, "mail-1", "mail", payload, channel=Channel.EMAIL, urgency=Urgency.NEWS, about=about
        )
        mail.state, mail.sent_at = DeliveryState.SENT, now()
        push = await outbox.put(session, 501, "sendMessage", {"text": "hola"}, urgency=Urgency.NEWS, about=about)
        push.state, push.error, push.carried_by_id = DeliveryState.PARKED, "blocked", mail.id
    await tom.opens("/deliveries")
    assert "Por correo a la empresa: entregado al servidor de correo" in tom.text
    assert "llega al buzón desde el que se envían los correos" in tom.text
