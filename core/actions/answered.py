"""Buttons that have had their answer go: a push that was answered, a ticket that was closed, asks for nothing."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, func, or_, select

from core.db import WriteSession
from core.messaging import outbox
from core.models import Channel, OutboxRow, Ticket, Urgency
from core.render.buttons import Tap, without

NEWEST = 20  # messages about a ticket that are looked at: older ones are out of sight in the chat

# What asks: Responder under a push, Cancel under the question for an answer.
ASKING: Mapping[Urgency, frozenset[Tap]] = {
    Urgency.NEWS: frozenset({Tap.ANSWER, Tap.SLOT}),
    Urgency.REMINDER: frozenset({Tap.ANSWER, Tap.SLOT}),
    Urgency.ANSWER: frozenset({Tap.MENU, Tap.SLOT}),
}


async def by_customer(
    session: WriteSession, ticket: Ticket, chat_id: int, *, among: Sequence[OutboxRow] | None = None
) -> None:
    """A customer has answered: that chat is asked no more, and of an open request no chat is."""
    request_id = ticket.request_id
    close_request(ticket)
    await retire(session, ticket, chat_id=chat_id, request_id=request_id, among=among)


def close_request(ticket: Ticket) -> None:
    """Nothing is asked of the customer any more, and nobody is reminded."""
    ticket.request_id = ticket.request_asks = ticket.request_due_at = None
    ticket.request_reminders = 0


async def retire(
    session: WriteSession,
    ticket: Ticket,
    *,
    chat_id: int | None = None,
    request_id: int | None = None,
    among: Sequence[OutboxRow] | None = None,
) -> None:
    """Take the asking buttons from what was said about the ticket, in one chat or in all.

    ``request_id``: a request that is over, whose buttons go from every chat.
    ``among``: what ``asked`` has read in this transaction.
    """
    if among is None:
        await outbox.write_posted(session)
        chats = None if chat_id is None or request_id is not None else {chat_id}
        among = await asked(session, {ticket.id}, chats=chats)
    for row in among:
        taps = ASKING[row.urgency]
        if chat_id is not None and row.lane != str(chat_id):
            taps = _asking_elsewhere(row, request_id)
        await _take(session, row, taps)


async def retire_request(session: WriteSession, ticket: Ticket, request_id: int) -> None:
    """Take the buttons of a request that is over from every chat; what else was asked still is."""
    await outbox.write_posted(session)
    for row in await asked(session, {ticket.id}, chats=None):
        await _take(session, row, _asking_elsewhere(row, request_id))


async def _take(session: WriteSession, row: OutboxRow, taps: Collection[Tap]) -> None:
    keyboard = without(row.payload.get("reply_markup", {}), taps)
    if keyboard is not None and outbox.has_message(row):
        await outbox.change_keyboard(session, row, keyboard)


def _asking_elsewhere(row: OutboxRow, request_id: int | None) -> frozenset[Tap]:
    """In the chats of others only the request is over; what else they were asked is between them and the desk."""
    if request_id is None:
        return frozenset()
    return ASKING[row.urgency] if row.article_id == request_id else frozenset({Tap.SLOT})


async def asked(
    session: WriteSession,
    ticket_ids: Collection[int],
    *,
    chats: Collection[int] | None,
    everywhere: Collection[int] = (),
) -> Sequence[OutboxRow]:
    """The newest messages with buttons about each ticket in each of the chats (None: in all), locked.

    ``everywhere``: of these tickets in all chats nevertheless.
    """
    values: dict[str, list[Any]] = {"ticket_ids": list(ticket_ids)}
    if chats is not None:
        values |= {"lanes": [str(chat) for chat in chats], "everywhere": list(everywhere)}
    rows = await session.scalars(_asked(in_all=chats is None), values)
    return rows.all()[::-1]  # locked in the order the sender takes them


@cache
def _asked(*, in_all: bool) -> Select[OutboxRow]:
    """Asked for every article, so it is put together once."""
    among_its_own = func.row_number().over(
        partition_by=(OutboxRow.ticket_id, OutboxRow.lane), order_by=OutboxRow.id.desc()
    )
    query = select(OutboxRow.id.label("id"), among_its_own.label("place")).where(
        OutboxRow.ticket_id.in_(bindparam("ticket_ids", expanding=True)),
        OutboxRow.channel == Channel.TELEGRAM,
        OutboxRow.method.in_(("sendMessage", "sendDocument")),
        cast(OutboxRow.payload, String).contains("inline_keyboard"),
    )
    if not in_all:
        here = OutboxRow.lane.in_(bindparam("lanes", expanding=True))
        query = query.where(or_(here, OutboxRow.ticket_id.in_(bindparam("everywhere", expanding=True))))
    ranked = query.subquery()
    newest = select(ranked.c.id).where(ranked.c.place <= NEWEST)
    return select(OutboxRow).where(OutboxRow.id.in_(newest)).order_by(OutboxRow.id).with_for_update(key_share=True)
