"""Buttons that have had their answer go: a push that was answered, a ticket that was closed, asks for nothing."""

from collections.abc import Mapping

from sqlalchemy import select

from core.db import WriteSession
from core.messaging import outbox
from core.models import Channel, OutboxRow, Ticket, Urgency
from core.render.buttons import Tap, without

NEWEST = 20  # messages about a ticket that are looked at: older ones are out of sight in the chat

# What asks: Responder under a push, Cancel under the question for an answer.
ASKING: Mapping[Urgency, frozenset[Tap]] = {
    Urgency.NEWS: frozenset({Tap.ANSWER}),
    Urgency.REMINDER: frozenset({Tap.ANSWER}),
    Urgency.ANSWER: frozenset({Tap.MENU}),
}


async def retire(session: WriteSession, ticket: Ticket, *, chat_id: int | None = None) -> None:
    """Take the asking buttons from what was said about the ticket, in one chat or in all."""
    await outbox.write_posted(session)
    query = select(OutboxRow).where(
        OutboxRow.ticket_id == ticket.id,
        OutboxRow.channel == Channel.TELEGRAM,
        OutboxRow.method.in_(("sendMessage", "sendDocument")),
    )
    if chat_id is not None:
        query = query.where(OutboxRow.lane == str(chat_id))
    rows = await session.scalars(query.order_by(OutboxRow.id.desc()).limit(NEWEST).with_for_update())
    for row in rows.all():
        keyboard = without(row.payload.get("reply_markup", {}), ASKING[row.urgency])
        if keyboard is not None and outbox.has_message(row):
            await outbox.change_keyboard(session, row, keyboard)
