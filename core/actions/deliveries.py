"""What a person does about a delivery or an update that is stuck: again, on its way, or let go with a reason."""

from sqlalchemy import ColumnElement, String, and_, cast, or_, select, update

from core.actions import audit
from core.actions.authorize import authorize
from core.clock import now
from core.db import ROW, WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.messaging import parting
from core.messaging.outbox import REPEATABLE, cancel_edits, is_retracted
from core.models import (
    IN_FORCE,
    TROUBLED_DELIVERIES,
    Binding,
    Channel,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Person,
    Technician,
    Ticket,
)
from core.rules.identity import Level
from core.rules.permissions import Permission
from core.wake import Topic

REASON_LONGEST = 500

_OVERTAKEN = N_("Somebody has dealt with it in the meantime.")


async def retry(session: WriteSession, actor: Technician, row_id: int) -> OutboxRow:
    """Try a failed, doubtful or blocked delivery now, or let a held one go.

    What may have arrived before says so. Later deliveries of the chat wait for it and keep their order. Raises
    NotFoundError, and ConflictError where somebody was quicker or its reader may not know of it any more.
    """
    authorize(actor, Permission.RETRY_DELIVERY)
    await _stay(session, row_id)
    row = await _locked(session, row_id)
    if not await session.scalar(select(OutboxRow.id).where(OutboxRow.id == row.id, _may_be_read())):
        raise ConflictError(N_("This person does not act for the company any more: it can only be discarded."))
    if await session.scalar(select(OutboxRow.id).where(OutboxRow.id == row.id, is_retracted())):
        raise ConflictError(N_("The message was retracted meanwhile: it can only be discarded."))
    _note(session, actor, "delivery.released" if row.state is DeliveryState.HELD else "delivery.retried", row)
    row.state, row.content_retries = DeliveryState.QUEUED, 0
    row.due_at = row.released_at = now()
    session.wake(Topic.OUTBOX)
    return row


async def discard(session: WriteSession, actor: Technician, row_id: int, *, reason: str) -> OutboxRow:
    """Give a delivery up, also one that is tried in vain. Raises NotFoundError, ConflictError, InvalidError."""
    authorize(actor, Permission.RETRY_DELIVERY)
    reason = _checked(reason)
    row = await _locked(session, row_id, may_wait=True)
    _note(session, actor, "delivery.discarded", row, reason=reason)
    row.state = DeliveryState.CANCELLED
    await cancel_edits(session, row.id)
    return row


async def release_all(session: WriteSession, actor: Technician) -> int:
    """Let everything held go, in its order; what its reader may not know any more is cancelled. How many go."""
    authorize(actor, Permission.RETRY_DELIVERY)
    held, moment = OutboxRow.state == DeliveryState.HELD, now()
    await session.execute(
        update(OutboxRow)
        .where(held, or_(~_may_be_read(), is_retracted()))
        .values(state=DeliveryState.CANCELLED)
        .returning(OutboxRow.id)
    )
    released = await session.scalars(
        update(OutboxRow)
        .where(held)
        .values(state=DeliveryState.QUEUED, due_at=moment, released_at=moment)
        .returning(OutboxRow.id)
    )
    count = len(released.all())
    audit.record(session, actor, "delivery.all_released", on="deliveries", count=count)
    session.wake(Topic.OUTBOX)
    return count


async def discard_all(session: WriteSession, actor: Technician, *, reason: str) -> int:
    """Give up everything that is held; how many. Raises InvalidError."""
    authorize(actor, Permission.RETRY_DELIVERY)
    reason = _checked(reason)
    discarded = await session.scalars(
        update(OutboxRow)
        .where(OutboxRow.state == DeliveryState.HELD)
        .values(state=DeliveryState.CANCELLED)
        .returning(OutboxRow.id)
    )
    count = len(discarded.all())
    audit.record(session, actor, "delivery.all_discarded", on="deliveries", count=count, reason=reason)
    return count


async def reprocess(session: WriteSession, actor: Technician, bot_id: int, update_id: int) -> None:
    """Work an update that was given up off again. Raises NotFoundError, ConflictError."""
    authorize(actor, Permission.RETRY_DELIVERY)
    row = await _lost(session, bot_id, update_id)
    if row.raw is None:
        raise ConflictError(N_("Its content has been removed already."))
    row.state, row.attempts, row.first_failed_at, row.due_at, row.error = InboxState.NEW, 0, None, now(), None
    audit.record(session, actor, "update.reprocessed", on=f"update {update_id}", chat=row.lane)
    session.wake(Topic.INBOX)


async def discard_update(
    session: WriteSession, actor: Technician, bot_id: int, update_id: int, *, reason: str
) -> None:
    """Give an update up for good; what was said in it is wiped. Raises NotFoundError, ConflictError, InvalidError."""
    authorize(actor, Permission.RETRY_DELIVERY)
    reason = _checked(reason)
    row = await _lost(session, bot_id, update_id)
    row.state, row.raw = InboxState.DONE, None
    audit.record(session, actor, "update.discarded", on=f"update {update_id}", chat=row.lane, reason=reason)


async def _stay(session: WriteSession, row_id: int) -> None:
    """A log-out passes over what has failed; before the row is locked, because a log-out wants rows, too."""
    row = await session.get(OutboxRow, row_id)
    if row is not None and row.ticket_id is not None:
        await parting.stay_for(session, {row.ticket_id})
    elif row is not None and row.company_id is not None:
        await parting.stay(session, row.company_id)


async def _locked(session: WriteSession, row_id: int, *, may_wait: bool = False) -> OutboxRow:
    row = await session.get(OutboxRow, row_id, with_for_update=ROW, populate_existing=True)
    if row is None or row.method in REPEATABLE:
        raise NotFoundError
    if may_wait and row.state is DeliveryState.SENDING:
        raise ConflictError(N_("It is being tried at this very moment. See what came of it."))
    is_in_vain = row.state is DeliveryState.QUEUED and row.attempts > 0
    if row.state not in TROUBLED_DELIVERIES and not (may_wait and is_in_vain):
        raise ConflictError(_OVERTAKEN)
    return row


def _may_be_read() -> ColumnElement[bool]:
    """A push about a ticket or a company goes to who still may see it; mail and what is about neither may go."""
    mine = (
        select(Binding.id)
        .join(Person, Person.id == Binding.person_id)
        .where(cast(Person.telegram_id, String) == OutboxRow.lane, IN_FORCE)
        .correlate(OutboxRow)
    )
    sees_it = mine.join(Ticket, Ticket.company_id == Binding.company_id).where(
        Ticket.id == OutboxRow.ticket_id, or_(Binding.level == Level.VERIFIED, Ticket.opened_by_id == Person.id)
    )
    acts_for_it = mine.where(Binding.company_id == OutboxRow.company_id)
    return or_(
        OutboxRow.channel != Channel.TELEGRAM,
        and_(
            or_(OutboxRow.ticket_id.is_(None), sees_it.exists()),
            or_(OutboxRow.company_id.is_(None), acts_for_it.exists()),
        ),
    )


async def _lost(session: WriteSession, bot_id: int, update_id: int) -> InboxRow:
    row = await session.get(InboxRow, (bot_id, update_id), with_for_update=ROW, populate_existing=True)
    if row is None:
        raise NotFoundError
    if row.state is not InboxState.DEAD:
        raise ConflictError(_OVERTAKEN)
    return row


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidError(N_("Write the reason."), field="reason")
    return reason[:REASON_LONGEST]


def _note(session: WriteSession, actor: Technician, action: str, row: OutboxRow, **data: str) -> None:
    audit.record(
        session, actor, action, on=f"delivery {row.id}", before=row.state.value, ticket_id=row.ticket_id, **data
    )
