"""Minutes worked: a timer that runs on the server, and corrections that leave a trail."""

from sqlalchemy import select

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.events import note_event, touch
from core.actions.tickets import log_time
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import EventKind, Technician, Ticket, TimeCorrection, TimeEntry, Timer
from core.queries import times
from core.rules.closures import MINUTES_LIMIT
from core.rules.permissions import Permission
from core.rules.states import CLOSED
from core.rules.times import minutes_between


async def start_timer(session: WriteSession, actor: Technician, ticket: Ticket) -> Timer:
    """Start counting; a timer that runs already goes on."""
    authorize(actor, Permission.LOG_TIME)
    _require_open(ticket)
    running: Timer | None = await session.scalar(
        select(Timer).where(Timer.ticket_id == ticket.id, Timer.technician_id == actor.id)
    )
    if running is None:
        running = Timer(ticket_id=ticket.id, technician_id=actor.id, started_at=now())
        session.add(running)
        await session.flush()
    return running


async def stop_timer(session: WriteSession, actor: Technician, ticket: Ticket, timer_id: int) -> TimeEntry:
    """Stop a timer of the ticket; its minutes become an entry of whoever it belongs to. Raises ConflictError."""
    authorize(actor, Permission.LOG_TIME)
    timer = await session.get(Timer, timer_id)
    if timer is None or timer.ticket_id != ticket.id:
        raise ConflictError(N_("This timer was stopped already."))
    owner = await session.get_one(Technician, timer.technician_id)
    minutes = min(minutes_between(timer.started_at, now()), MINUTES_LIMIT)
    entry = await log_time(session, actor, ticket, minutes=minutes)
    entry.technician_id = owner.id
    await session.delete(timer)
    await session.flush()
    return entry


async def correct(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    entry_id: int,
    *,
    minutes: int,
    reason: str,
    before: int | None = None,
) -> TimeEntry:
    """Change the minutes of an entry (0 takes it out of the sum); before, after, who, when and why are kept.

    One's own, or anybody's for who may correct times, which is audited; only since the ticket was last opened.
    ``before``: the minutes that were shown to the actor. Raises ConflictError where they are others now.
    """
    authorize(actor, Permission.LOG_TIME)
    _require_open(ticket)
    entry = await session.get(TimeEntry, entry_id)
    if entry is None or entry.ticket_id != ticket.id:
        raise NotFoundError
    if entry.technician_id != actor.id:
        authorize(actor, Permission.CORRECT_TIME)
    if entry.at < ticket.reopened_at:
        raise ConflictError(N_("These minutes belong to an earlier closing and stay as they are."))
    if before not in {None, entry.minutes}:
        raise ConflictError(
            N_("Somebody corrected these minutes just now. Nothing has been changed yet: look again.")
        )
    if not 0 <= minutes <= MINUTES_LIMIT:
        raise InvalidError(N_("Write a whole number."), field="minutes")
    if not reason.strip():
        raise InvalidError(N_("Write the reason."), field="reason")
    await _change(session, actor, ticket, entry, minutes=minutes, reason=reason.strip()[:500])
    touch(ticket)
    await session.flush()
    return entry


async def bring_down(session: WriteSession, actor: Technician, ticket: Ticket, *, by: int, reason: str) -> None:
    """Take minutes out of the entries since the ticket was last opened, the latest first, each with its trail.

    What corrects the minutes of a closing: the ticket is closed, and nobody else may change its entries.
    """
    authorize(actor, Permission.CORRECT_TIME)
    for entry in reversed(await times.entries(session, ticket)):
        taken = min(entry.minutes, by)
        if taken:
            await _change(session, actor, ticket, entry, minutes=entry.minutes - taken, reason=reason.strip()[:500])
        by -= taken
    assert not by, "the entries hold what is taken out of them"
    await session.flush()


async def _change(
    session: WriteSession, actor: Technician, ticket: Ticket, entry: TimeEntry, *, minutes: int, reason: str
) -> None:
    session.add(
        TimeCorrection(
            entry_id=entry.id,
            technician_id=actor.id,
            minutes_before=entry.minutes,
            minutes_after=minutes,
            reason=reason,
            at=now(),
        )
    )
    note_event(session, ticket, EventKind.TIME, by=actor, minutes=minutes, before=entry.minutes, note=reason)
    if entry.technician_id != actor.id:
        await _audit(session, actor, ticket, entry, minutes=minutes, reason=reason)
    entry.minutes = minutes


async def _audit(
    session: WriteSession, actor: Technician, ticket: Ticket, entry: TimeEntry, *, minutes: int, reason: str
) -> None:
    """Whose minutes somebody else corrects, and why."""
    owner = await session.get_one(Technician, entry.technician_id)
    audit.record(
        session,
        actor,
        "ticket.time_corrected",
        on=f"ticket {ticket.number}",
        name=owner.name,
        changes={"minutes": [entry.minutes, minutes]},
        reason=reason,
    )


def _require_open(ticket: Ticket) -> None:
    if ticket.state in CLOSED:
        raise ConflictError(N_("The ticket is closed; nothing was changed."))
