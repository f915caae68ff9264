"""Buttons that have had their answer go: a push that was answered, a ticket that was closed, asks for nothing."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import String, cast, func, select

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


async def retire(
    session: WriteSession,
    ticket: Ticket,
    *,
    chat_id: int | None = None,
    among: Sequence[OutboxRow] | None = None,
) -> None:
    """Take the asking buttons from what was said about the ticket, in one chat or in all.

    ``among``: what ``asked`` has read in this transaction.
    """
    if among is None:
        await outbox.write_posted(session)
        among = await asked(session, {ticket.id}, chats=None if chat_id is None else {chat_id})
    for row in among:
        if chat_id is not None and row.lane != str(chat_id):
            continue
        keyboard = without(row.payload.get("reply_markup", {}), ASKING[row.urgency])
        if keyboard is not None and outbox.has_message(row):
            await outbox.change_keyboard(session, row, keyboard)


async def asked(
    session: WriteSession, ticket_ids: Collection[int], *, chats: Collection[int] | None
) -> Sequence[OutboxRow]:
    """The newest messages with buttons about each ticket in each of the chats (None: in all), locked."""
    among_its_own = func.row_number().over(
        partition_by=(OutboxRow.ticket_id, OutboxRow.lane), order_by=OutboxRow.id.desc()
    )
    query = select(OutboxRow.id.label("id"), among_its_own.label("place")).where(
        OutboxRow.ticket_id.in_(ticket_ids),
        OutboxRow.channel == Channel.TELEGRAM,
        OutboxRow.method.in_(("sendMessage", "sendDocument")),
        cast(OutboxRow.payload, String).contains("inline_keyboard"),
    )
    if chats is not None:
        query = query.where(OutboxRow.lane.in_({str(chat) for chat in chats}))
    ranked = query.subquery()
    newest = select(ranked.c.id).where(ranked.c.place <= NEWEST)
    rows = await session.scalars(
        select(OutboxRow).where(OutboxRow.id.in_(newest)).order_by(OutboxRow.id.desc()).with_for_update()
    )
    return rows.all()
