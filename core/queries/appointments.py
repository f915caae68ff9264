"""Calls agreed with customers: of one ticket, of those in a list, and those somebody has to make now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from core.db import ReadSession
from core.models import Appointment, AppointmentState, Technician, Ticket

AHEAD = timedelta(hours=24)  # what the queue shows
NEAR = timedelta(minutes=15)  # what is said on every page
SHOWN = 10


async def of_ticket(session: ReadSession, ticket: Ticket) -> Sequence[Appointment]:
    """All that were ever agreed, the first one first."""
    query = select(Appointment).where(Appointment.ticket_id == ticket.id).options(joinedload(Appointment.person))
    return (await session.scalars(query.order_by(Appointment.id))).all()


async def agreed(session: ReadSession, ids: Collection[int]) -> Mapping[int, datetime]:
    """When the customers want to be called, by the ticket's id."""
    rows = await session.execute(
        select(Appointment.ticket_id, Appointment.at).where(
            Appointment.ticket_id.in_(ids), Appointment.state == AppointmentState.AGREED
        )
    )
    return dict(list(rows))


async def due(session: ReadSession, *, at: datetime) -> Sequence[Appointment]:
    """The calls of the next day and those that are overdue, the most urgent first, with ticket, company and owner."""
    query = select(Appointment).join(Appointment.ticket).join(Ticket.company).outerjoin(Ticket.assignee)
    query = query.where(Appointment.state == AppointmentState.AGREED, Appointment.at <= at + AHEAD)
    ticket = contains_eager(Appointment.ticket)
    query = query.options(ticket.contains_eager(Ticket.company), ticket.contains_eager(Ticket.assignee))
    return (await session.scalars(query.order_by(Appointment.at, Appointment.id).limit(SHOWN))).all()


async def near(session: ReadSession, technician: Technician, *, at: datetime) -> Sequence[Appointment]:
    """What this technician has to call now or should have: the own tickets and those nobody has."""
    query = (
        select(Appointment)
        .join(Appointment.ticket)
        .where(
            Appointment.state == AppointmentState.AGREED,
            Appointment.at <= at + NEAR,
            or_(Ticket.assignee_id == technician.id, Ticket.assignee_id.is_(None)),
        )
        .options(contains_eager(Appointment.ticket))
        .order_by(Appointment.at, Appointment.id)
        .limit(SHOWN)
    )
    return (await session.scalars(query)).all()
