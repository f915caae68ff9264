"""Calls that must happen, written in the transaction that made them necessary."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, exists, or_, select, update

from core.clock import now
from core.db import ROW, WriteSession, insert_into
from core.models import OPEN_DELIVERIES, Article, Channel, DeliveryAttempt, DeliveryState, OutboxRow, Ticket, Urgency
from core.wake import Topic

# Repeating one of these changes nothing, so they never wait behind messages and never count a doubt.
REPEATABLE = frozenset(
    {
        "answerCallbackQuery",
        "deleteMessage",
        "editMessageText",
        "editMessageReplyMarkup",
        "setMessageReaction",
        "sendChatAction",
    }
)

CANCELLABLE = frozenset({*OPEN_DELIVERIES, DeliveryState.PARKED, DeliveryState.HELD})

SHORT_ADDRESS = 40  # characters; a dedupe key holds 120

TAKEN_BACK = "taken back after a doubt"

POSTED = "posted"  # where a session keeps the rows that are written at its end


@dataclass(frozen=True)
class Subject:
    """What a delivery is about, so that the panel can show its state there and a log-out finds it.

    ``article`` is one that gets its id only when the transaction is written. ``company_id`` is for what tells of a
    company and of no ticket: a list, its account, its phones.
    """

    ticket_id: int | None = None
    article_id: int | None = None
    report_id: int | None = None
    article: Article | None = None
    company_id: int | None = None


class Details(TypedDict, total=False):
    """What not every row has; without them it is an answer on Telegram about nothing in particular."""

    channel: Channel
    urgency: Urgency
    dedupe_key: str | None
    edits: OutboxRow | None
    about: Subject


def key_to(address: str) -> str:
    """What tells mails to several addresses apart in a dedupe key or a lane; a long address is told by its hash."""
    return address if len(address) <= SHORT_ADDRESS else sha256(address.encode()).hexdigest()[:SHORT_ADDRESS]


def mail_lane(name: str, address: str) -> str:
    """Each mailbox has its own: one whose server says for a day that it is full holds up no other of the company."""
    return f"{name}-{key_to(address.lower())}"


async def put(
    session: WriteSession,
    lane: str | int,
    method: str,
    payload: dict[str, Any],
    **details: Unpack[Details],
) -> OutboxRow:
    """Add a row and flush it. A dedupe key that exists already returns the row that has it."""
    await write_posted(session)
    await session.flush()  # what it is about has its id now
    values = _values(lane, method, payload, details)
    if values["dedupe_key"] is not None:
        existing = await session.scalar(select(OutboxRow).where(OutboxRow.dedupe_key == values["dedupe_key"]))
        if existing is not None:
            return existing
    row = OutboxRow(**values)
    session.add(row)
    await session.flush()
    session.wake(Topic.OUTBOX)
    return row


def post(
    session: WriteSession,
    lane: str | int,
    method: str,
    payload: dict[str, Any],
    **details: Unpack[Details],
) -> None:
    """Like ``put``, for a row nobody needs in this transaction: all of them are written together at its end."""
    row = (_values(lane, method, payload, details), details.get("about", Subject()).article)
    session.info.setdefault(POSTED, []).append(row)
    session.at_end(write_posted)
    session.wake(Topic.OUTBOX)


async def write_posted(session: WriteSession) -> None:
    """Write what was posted until now: before a row that must come after it, before the outbox is read."""
    posted: list[tuple[dict[str, Any], Article | None]] = session.info.get(POSTED, [])
    if not posted:
        return
    await session.flush()  # tickets and articles they are about
    rows = [values | {"article_id": article.id} if article else values for values, article in posted]
    await session.execute(
        insert_into(session.dialect, OutboxRow).on_conflict_do_nothing(index_elements=[OutboxRow.dedupe_key]), rows
    )
    posted.clear()


def forget_posted(session: WriteSession) -> None:
    """A savepoint was rolled back: what was posted since goes with it."""
    session.info.get(POSTED, []).clear()


def _values(lane: str | int, method: str, payload: dict[str, Any], details: Details) -> dict[str, Any]:
    edits, about = details.get("edits"), details.get("about", Subject())
    moment = now()
    return {
        "channel": details.get("channel", Channel.TELEGRAM),
        "lane": str(lane),
        "method": method,
        "payload": payload,
        "urgency": details.get("urgency", Urgency.ANSWER),
        "edits_id": edits.id if edits else None,
        "dedupe_key": details.get("dedupe_key"),
        "ticket_id": about.ticket_id,
        "article_id": about.article.id if about.article else about.article_id,
        "report_id": about.report_id,
        "company_id": about.company_id,
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "doubts": 0,
        "content_retries": 0,
        "due_at": moment,
        "created_at": moment,
    }


async def edit(session: WriteSession, row_id: int, payload: dict[str, Any]) -> bool:
    """Change the message of an earlier row: in place while it is queued, else by an edit; the last edit wins.

    A message that did not arrive, or perhaps did, cannot be changed: then the words come as a new one. One that
    was cancelled stays unsaid, whatever its words: False.
    """
    await write_posted(session)
    target = await session.get_one(OutboxRow, row_id, with_for_update=ROW, populate_existing=True)
    if target.state is DeliveryState.QUEUED and target.attempts == 0:
        target.payload = payload
        return True
    if target.state is DeliveryState.CANCELLED:
        return False
    about = Subject(target.ticket_id, target.article_id, target.report_id, company_id=target.company_id)
    if not has_message(target):
        post(session, target.lane, "sendMessage", payload, about=about)
        return True
    waiting = await session.scalar(
        select(OutboxRow)
        .where(
            OutboxRow.edits_id == row_id,
            OutboxRow.method == "editMessageText",
            OutboxRow.state == DeliveryState.QUEUED,
            OutboxRow.attempts == 0,
        )
        .with_for_update(key_share=True)
    )
    if waiting is not None:
        waiting.payload = payload
        return True
    await put(session, target.lane, "editMessageText", payload, edits=target, about=about)
    return True


async def change_keyboard(session: WriteSession, target: OutboxRow, keyboard: dict[str, Any]) -> None:
    """Give a message of ours other buttons; its row keeps what the message shows. The row is locked by the caller."""
    is_unsent = target.state is DeliveryState.QUEUED and target.attempts == 0
    target.payload = target.payload | {"reply_markup": keyboard}
    if not is_unsent and has_message(target):
        post(session, target.lane, "editMessageReplyMarkup", {"reply_markup": keyboard}, edits=target)


async def rewrite(session: WriteSession, row_id: int, payload: dict[str, Any]) -> bool:
    """Let a message that has not gone yet say something else; False where it has, or may have."""
    await write_posted(session)
    target = await session.get_one(OutboxRow, row_id, with_for_update=ROW, populate_existing=True)
    is_unsent = target.state is DeliveryState.QUEUED and target.attempts == 0
    if is_unsent:
        target.payload = payload
    return is_unsent


async def retract(session: WriteSession, row_id: int) -> None:
    """Take a message of ours away again: sent it is deleted; queued it is cancelled, however often it was tried.

    After a doubt it may be there, and no id is known to delete it by: another try would only make it two.
    """
    await write_posted(session)
    target = await session.get_one(OutboxRow, row_id, with_for_update=ROW, populate_existing=True)
    if target.state is DeliveryState.QUEUED:
        give_up(target)
        await cancel_edits(session, row_id)
    elif has_message(target) or await _is_on_its_way(session, row_id):
        post(session, target.lane, "deleteMessage", {}, edits=target)


async def _is_on_its_way(session: WriteSession, row_id: int) -> bool:
    """Cancelled by a log-out, and perhaps about to arrive."""
    under_way = exists().where(DeliveryAttempt.outbox_id == row_id, DeliveryAttempt.outcome.is_(None))
    return bool(await session.scalar(select(under_way)))


def give_up(row: OutboxRow) -> None:
    """Try no more what was taken back; people see of an answer that it may be in the chat."""
    if row.doubts and row.article_id is not None:
        row.state, row.error = DeliveryState.UNCERTAIN, TAKEN_BACK
    else:
        row.state = DeliveryState.CANCELLED


async def is_taken_back(session: WriteSession, row_id: int) -> bool:
    """Whether a deletion waits for the message to be there."""
    waiting = exists().where(
        OutboxRow.edits_id == row_id, OutboxRow.method == "deleteMessage", OutboxRow.state == DeliveryState.QUEUED
    )
    return bool(await session.scalar(select(waiting)))


async def cancel_edits(session: WriteSession, row_id: int, *, but: str = "") -> None:
    """The message never came to be: what waits to change it, except by the method ``but``, has nothing to change."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.edits_id == row_id, OutboxRow.state == DeliveryState.QUEUED, OutboxRow.method != but)
        .values(state=DeliveryState.CANCELLED)
    )


async def say_anew(session: WriteSession, row_id: int) -> None:
    """Nobody knows whether the message is there: words that wait to replace it come as a message of their own."""
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.edits_id == row_id,
            OutboxRow.method == "editMessageText",
            OutboxRow.state == DeliveryState.QUEUED,
        )
        .values(method="sendMessage", edits_id=None)
    )


def is_retracted() -> ColumnElement[bool]:
    """What the row brings was taken back meanwhile: it goes no way any more."""
    return exists().where(Article.id == OutboxRow.article_id, Article.retracted_at.is_not(None))


def has_message(row: OutboxRow) -> bool:
    """Whether the row is, or is about to be, a message in the chat."""
    return row.state in {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT}


async def cancel_lane(session: WriteSession, lane: str | int, *, company_id: int) -> None:
    """Nothing about this company that waits for the chat may reach it any more (log-out, revoked phone).

    A row on its way is cancelled too: if that try fails, there is no other. The caller has parted.
    """
    await write_posted(session)
    of_company = select(Ticket.id).where(Ticket.company_id == company_id)
    cancelled = await session.scalars(
        update(OutboxRow)
        .where(
            OutboxRow.lane == str(lane),
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.state.in_(CANCELLABLE),
            or_(OutboxRow.ticket_id.in_(of_company), OutboxRow.company_id == company_id),
        )
        .values(state=DeliveryState.CANCELLED)
        .returning(OutboxRow.id)
    )
    for row_id in cancelled.all():
        # what was on its way may arrive, and what was taken back must go then
        await cancel_edits(session, row_id, but="deleteMessage")


async def rows_of(session: WriteSession, row_ids: Collection[int]) -> Sequence[OutboxRow]:
    return (await session.scalars(select(OutboxRow).where(OutboxRow.id.in_(row_ids)).order_by(OutboxRow.id))).all()
