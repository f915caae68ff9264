"""Leaving a ticket pending with Development, and going on with it."""

from datetime import datetime

from core.actions import alerts, notify, tickets
from core.actions.authorize import authorize
from core.actions.events import change_state, note_event, touch
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import EventKind, Technician, Ticket
from core.queries import staff
from core.render.office import Office
from core.rules.permissions import Permission
from core.rules.states import State

REMINDER_FARTHEST_DAYS = 366


async def set_pending(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    remind_at: datetime,
    responsible: Technician,
    office: Office,
) -> None:
    """Hand over to Development: a date to be reminded at, and who is responsible until then."""
    authorize(actor, Permission.SET_PENDING)
    tickets.require_open(ticket)
    if remind_at <= now():
        raise InvalidError(N_("The date must lie ahead."), field="remind_at")
    if (remind_at - now()).days > REMINDER_FARTHEST_DAYS:
        raise InvalidError(N_("The date lies more than a year ahead."), field="remind_at")
    if responsible.id not in {technician.id for technician in await staff.developers(session)}:
        raise InvalidError(N_("Choose somebody of Development."), field="responsible")
    if ticket.assignee_id is None:
        ticket.assignee_id = actor.id
    is_given = ticket.responsible_id != responsible.id
    ticket.remind_at, ticket.responsible_id = remind_at, responsible.id
    ticket.customer_spoke_last = False  # the customer is told when it is reviewed; what comes from now on is news
    touch(ticket)
    left = note_event(
        session, ticket, EventKind.PENDING, by=actor, remind_at=remind_at.isoformat(), responsible=responsible.name
    )
    if ticket.state is State.NEW:
        change_state(session, ticket, State.OPEN, by=actor)
    if change_state(session, ticket, State.PENDING, by=actor):
        await session.flush()
        await notify.tell_state(session, ticket, office=office, key=f"pending-{ticket.version}")
    if is_given:
        t = office.t
        words = t(
            "%(who)s left it pending until %(when)s; you are responsible.", who=actor.name, when=t.moment(remind_at)
        )
        await alerts.note_given(session, left, ticket, responsible, text=words, office=office)


async def resume(session: WriteSession, actor: Technician, ticket: Ticket, *, office: Office) -> None:
    """Back to open before or after its day: nobody is reminded any more, and it is the desk's turn."""
    authorize(actor, Permission.SET_PENDING)
    tickets.require_open(ticket)
    if ticket.state is not State.PENDING:
        raise ConflictError(N_("The ticket is not pending; nothing was changed."))
    ticket.remind_at = ticket.responsible_id = None
    ticket.customer_spoke_last = True  # whoever spoke: the customer was told to wait for us
    change_state(session, ticket, State.OPEN, by=actor)
    await session.flush()
    await notify.tell_state(session, ticket, office=office, key=f"resumed-{ticket.version}")
