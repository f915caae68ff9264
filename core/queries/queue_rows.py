"""A ticket as a row of the queue."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from core.models import Company, Technician, Ticket, TicketEvent
from core.rules.requests import Asks
from core.rules.services import Service
from core.rules.states import State


class TicketRow(NamedTuple):
    """What a line shows of a ticket, and what its order follows from: fifty rows cost a quarter of fifty tickets."""

    id: int
    number: int
    subject: str
    state: State
    service: Service
    product: str
    is_verified: bool
    customer_spoke_last: bool
    request_id: int | None
    request_asks: Asks | None
    close_asked_at: datetime | None
    version: int
    articles_count: int
    last_event: int | None
    remind_at: datetime | None
    turn_at: datetime | None
    urgent_at: datetime | None
    created_at: datetime
    updated_at: datetime
    company_name: str
    ruc: str
    assignee_name: str | None
    responsible_name: str | None


_ASSIGNEE, _RESPONSIBLE = aliased(Technician), aliased(Technician)

LAST_EVENT = (
    select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
)

_SHOWN = (
    *(Ticket.id, Ticket.number, Ticket.subject, Ticket.state, Ticket.service, Ticket.product, Ticket.is_verified),
    *(Ticket.customer_spoke_last, Ticket.request_id, Ticket.request_asks, Ticket.close_asked_at, Ticket.version),
    *(Ticket.articles_count, LAST_EVENT.label("last_event")),
    *(Ticket.remind_at, Ticket.turn_at, Ticket.urgent_at, Ticket.created_at, Ticket.updated_at),
    *(Company.name.label("company_name"), Company.ruc),
    *(_ASSIGNEE.name.label("assignee_name"), _RESPONSIBLE.name.label("responsible_name")),
)


def rows() -> Select[*tuple[Any, ...]]:
    """What a ``TicketRow`` is made of."""
    query = select(*_SHOWN).join(Company, Company.id == Ticket.company_id)
    query = query.outerjoin(_ASSIGNEE, _ASSIGNEE.id == Ticket.assignee_id)
    return query.outerjoin(_RESPONSIBLE, _RESPONSIBLE.id == Ticket.responsible_id)
