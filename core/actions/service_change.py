"""Another service or product for a ticket; what costs the customer changes by the customer's tap only."""

from typing import Any

from sqlalchemy import select

from core.actions import audit, indexing, notify, tickets
from core.actions.authorize import authorize
from core.actions.events import change_state, note_event, touch
from core.actions.readers import readers
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import EventKind, Person, Technician, Ticket, TicketEvent
from core.render import telegram
from core.render.office import Office
from core.render.services import consent
from core.render.words import SERVICE_WORDS, STATE_WORDS
from core.rules.notices import Notice
from core.rules.permissions import Permission
from core.rules.services import Service, needs_consent
from core.rules.states import CLOSED, after_technician_reply


async def change(
    session: WriteSession, actor: Technician, ticket: Ticket, *, service: Service, product: str, office: Office
) -> bool:
    """True where it is changed at once, False where the customer is asked. The ticket is locked by whoever calls."""
    authorize(actor, Permission.CHANGE_SERVICE)
    if ticket.state in CLOSED:
        raise ConflictError(N_("The ticket is closed; nothing was changed."))
    if (ticket.service, ticket.product) == (service, product):
        raise InvalidError(N_("The ticket has this service and product already."), field="product")
    await tickets.check_product(session, service, product)
    if needs_consent(ticket.service, service):
        await _ask(session, actor, ticket, service=service, product=product, office=office)
        return False
    await _put(session, ticket, actor, service=service, product=product, office=office)
    return True


async def answer(
    session: WriteSession, ticket: Ticket, person: Person, *, event_id: int, accepts: bool, office: Office
) -> None:
    """The customer's word on the change that is asked for now. Raises ConflictError for an older question."""
    if ticket.state in CLOSED:
        raise ConflictError(N_("The ticket is closed; nothing was changed."))
    question = await asked(session, ticket)
    if question is None or question.id != event_id:
        raise ConflictError(N_("This has been answered already."))
    ticket.service_asked_id = None
    ticket.customer_spoke_last = True
    touch(ticket)
    service, product = Service(question.data["service"]), str(question.data["product"])
    if not accepts:
        note_event(session, ticket, EventKind.SERVICE_REFUSED, by=person, service=service, product=product)
        return
    await _put(session, ticket, person, service=service, product=product, office=office)


async def asked(session: ReadSession, ticket: Ticket) -> TicketEvent | None:
    """The change that waits for the customer's word, with service and product in its data."""
    if ticket.service_asked_id is None or ticket.state in CLOSED:
        return None
    return await session.scalar(select(TicketEvent).where(TicketEvent.id == ticket.service_asked_id))


async def _ask(
    session: WriteSession, actor: Technician, ticket: Ticket, *, service: Service, product: str, office: Office
) -> None:
    told = await readers(session, ticket, Notice.REQUEST, author=None, office=office)
    if not told:
        raise ConflictError(N_("Nobody of this company can be asked on Telegram: nothing was changed."))
    event = note_event(session, ticket, EventKind.SERVICE_ASKED, by=actor, service=service, product=product)
    has_moved = change_state(session, ticket, after_technician_reply(ticket.state), by=actor)
    if ticket.assignee_id is None:
        ticket.assignee_id = actor.id
    ticket.customer_spoke_last = False
    touch(ticket)
    await session.flush()
    ticket.service_asked_id = event.id
    _audit(session, actor, "ticket.service_asked", ticket, service=service, product=product)
    news = notify.News(ticket, Notice.REQUEST, f"service-{event.id}")
    for reader in told:
        html = telegram.page(
            "service_ask",
            reader.t,
            ticket=ticket,
            company=reader.company,
            service=SERVICE_WORDS[service],
            product=product,
            state=STATE_WORDS[ticket.state] if has_moved else "",
        )
        rows = [consent(reader.t, ticket.number, event.id), *notify.follow_up(reader, ticket)]
        await notify.put(session, reader, news, [telegram.message(html, rows)])


async def _put(
    session: WriteSession,
    ticket: Ticket,
    by: Technician | Person,
    *,
    service: Service,
    product: str,
    office: Office,
) -> None:
    before, old_product = Service(ticket.service), ticket.product
    ticket.service, ticket.product, ticket.service_asked_id = service, product, None
    touch(ticket)
    indexing.renew(session, ticket.id)
    event = note_event(
        session, ticket, EventKind.SERVICE, by=by, before=before, service=service, was=old_product, product=product
    )
    _audit(session, by, "ticket.service_changed", ticket, before=before, service=service, product=product)
    if before is service:
        return  # how it closes, and what that costs, is as it was
    await session.flush()
    author = by if isinstance(by, Person) else None
    news = notify.News(ticket, Notice.SERVICE_CHANGED, f"service-{event.id}")
    for reader in await readers(session, ticket, news.notice, author=author, office=office):
        html = telegram.page(
            "service_changed",
            reader.t,
            ticket=ticket,
            company=reader.company,
            author=author,
            service=SERVICE_WORDS[service],
        )
        await notify.put(session, reader, news, [telegram.message(html, notify.follow_up(reader, ticket))])


def _audit(session: WriteSession, by: Technician | Person, action: str, ticket: Ticket, **data: Any) -> None:
    audit.record(session, by, action, on=f"ticket {ticket.number}", **data)
