"""What technicians do to a ticket."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from core.actions import alerts, notify, openings, requests, writing
from core.actions.addressees import FOLLOWERS, Addressees
from core.actions.authorize import authorize
from core.actions.events import change_state, note_event, touch
from core.actions.writing import NewFile
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.models import (
    Article,
    ArticleKind,
    Company,
    Desk,
    EventKind,
    Technician,
    Ticket,
    TimeEntry,
)
from core.queries import policy
from core.render.office import Office
from core.rules.closures import MINUTES_LIMIT
from core.rules.limits import SUBJECT_LIMIT
from core.rules.permissions import Permission, allows
from core.rules.requests import Asks
from core.rules.services import Service
from core.rules.states import CLOSED, State, after_take, after_technician_reply, initial_state


async def next_number(session: WriteSession) -> int:
    """The next ticket number: no gaps, no doubles, whoever asks at once."""
    number: int | None = await session.scalar(
        update(Desk)
        .where(Desk.id == 1)
        .values(last_ticket_number=Desk.last_ticket_number + 1)
        .returning(Desk.last_ticket_number)
    )
    assert number is not None, "the migrations make the desk's row"
    return number


async def reply(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    text: str,
    office: Office,
    files: Sequence[NewFile] = (),
    submission: str | None = None,
    asks: Asks | None = None,
) -> Article:
    """Answer the customer: the article is pushed, a new ticket opens.

    ``asks``: it is a request, which stays before the customer until it is answered. ``submission``: the id of the
    form, which whoever calls has not taken before.
    """
    authorize(actor, Permission.ANSWER)
    require_open(ticket)
    return await say(session, actor, ticket, text=text, files=files, submission=submission, asks=asks, office=office)


async def say(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    text: str,
    office: Office,
    files: Sequence[NewFile] = (),
    submission: str | None = None,
    asks: Asks | None = None,
) -> Article:
    """The desk has said something to the customer, whose turn it is; the ticket is open and locked."""
    opened = after_technician_reply(ticket.state)
    # before the article is written: one UPDATE of the ticket for all of it
    if ticket.assignee_id is None:
        ticket.assignee_id = actor.id
    ticket.customer_spoke_last = False
    if asks is not None and not text.strip():
        text = requests.usual_words(ticket, asks, office=office)
    kind = ArticleKind.REPLY if asks is None else ArticleKind.REQUEST
    article = await writing.write(
        session, actor, ticket, text=text, files=files, submission=submission, kind=kind, asks=asks
    )
    slots = await requests.begin(session, ticket, article, office=office)
    has_moved = change_state(session, ticket, opened, by=actor)
    files_sent = await writing.files(session, article) if files else ()
    state = ticket.state if has_moved else None
    await notify.tell_article(session, ticket, article, office=office, files=files_sent, state=state, slots=slots)
    return article


async def note(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    *,
    text: str,
    files: Sequence[NewFile] = (),
    submission: str | None = None,
) -> Article:
    """An internal note: it has no way to a customer. Closed tickets take notes, too."""
    authorize(actor, Permission.NOTE)
    return await writing.write(
        session, actor, ticket, text=text, files=files, submission=submission, kind=ArticleKind.NOTE
    )


async def take(session: WriteSession, actor: Technician, ticket: Ticket, *, office: Office) -> None:
    """Make the ticket the actor's; a new one opens and the customer is told."""
    authorize(actor, Permission.TAKE)
    require_open(ticket)
    if ticket.assignee_id == actor.id and ticket.state is not State.NEW:
        return
    ticket.assignee_id = actor.id
    touch(ticket)
    note_event(session, ticket, EventKind.TAKEN, by=actor)
    if change_state(session, ticket, after_take(ticket.state), by=actor):
        await notify.tell_state(session, ticket, office=office, key="taken")


async def assign(
    session: WriteSession, actor: Technician, ticket: Ticket, *, to: Technician | None, office: Office
) -> None:
    """Give the ticket to somebody of the desk, a new one opens and its customer is told; None: it is nobody's."""
    authorize(actor, Permission.ASSIGN)
    require_open(ticket)
    if to is None:
        _release(session, actor, ticket)
        return
    if to.disabled_at is not None or not allows(to.role, Permission.ANSWER):
        raise InvalidError(N_("Choose somebody who answers tickets."), field="assignee")
    if ticket.assignee_id == to.id and ticket.state is not State.NEW:
        return
    ticket.assignee_id = to.id
    touch(ticket)
    given = note_event(session, ticket, EventKind.ASSIGNED, by=actor, to=to.name)
    if change_state(session, ticket, after_take(ticket.state), by=actor):
        await notify.tell_state(session, ticket, office=office, key="taken")
    words = office.t("%(who)s gave it to you.", who=actor.name)
    await alerts.note_given(session, given, ticket, to, text=words, office=office)


def _release(session: WriteSession, actor: Technician, ticket: Ticket) -> None:
    """Whoever is free may take it; its state is as it was, and customers hear nothing."""
    if ticket.assignee_id is None:
        return
    ticket.assignee_id = None
    touch(ticket)
    note_event(session, ticket, EventKind.ASSIGNED, by=actor, to=None)


async def log_time(
    session: WriteSession, actor: Technician, ticket: Ticket, *, minutes: int, note: str = ""
) -> TimeEntry:
    """Record minutes worked, 1 to a month's."""
    authorize(actor, Permission.LOG_TIME)
    require_open(ticket)
    if not 0 < minutes <= MINUTES_LIMIT:
        raise InvalidError(N_("Write the minutes as a whole number, 1 or more."), field="minutes")
    entry = TimeEntry(ticket_id=ticket.id, technician_id=actor.id, minutes=minutes, note=note.strip()[:500], at=now())
    session.add(entry)
    touch(ticket)
    note_event(session, ticket, EventKind.TIME, by=actor, minutes=minutes, note=entry.note)
    await session.flush()
    return entry


async def new(
    session: WriteSession,
    company: Company,
    *,
    service: Service,
    product: str,
    subject: str,
    by_desk: bool,
    opened_by_id: int | None,
    **more: Any,
) -> Ticket:
    """A ticket of its own number, as it begins; ``more``: other columns it begins with."""
    moment = now()
    ticket = Ticket(
        number=await next_number(session),
        company_id=company.id,
        company=company,
        opened_by_id=opened_by_id,
        service=service,
        product=product,
        subject=subject,
        state=initial_state(by_desk=by_desk),
        customer_spoke_last=True,
        articles_count=0,
        closures_count=0,
        created_at=moment,
        reopened_at=moment,
        updated_at=moment,
        **more,
    )
    session.add(ticket)
    await session.flush()
    return ticket


async def open_for_customer(
    session: WriteSession,
    actor: Technician,
    *,
    company: Company,
    service: Service,
    product: str,
    subject: str,
    text: str,
    office: Office,
    told: Addressees = FOLLOWERS,
    files: Sequence[NewFile] = (),
    submission: str | None = None,
) -> Ticket:
    """A ticket the desk opens for a company; it starts open. The same submission twice is one ticket."""
    authorize(actor, Permission.OPEN_TICKET)
    known = await writing.known(session, submission)
    if known is not None:
        return await session.get_one(Ticket, known.ticket_id)
    await check_product(session, service, product)
    subject = " ".join(subject.split())
    if not 0 < len(subject) <= SUBJECT_LIMIT:
        raise InvalidError(N_("Write a subject of at most 120 characters."), field="subject")
    ticket = await new(
        session,
        company,
        service=service,
        product=product,
        subject=subject,
        by_desk=True,
        opened_by_id=told.person.id if told.person else None,
        opened_by_technician_id=actor.id,
        also_opened_by=list(told.also) or None,
        is_verified=True,
        assignee_id=actor.id,
    )
    await _begin(session, actor, ticket, told, text=text, files=files, submission=submission, office=office)
    return ticket


async def _begin(
    session: WriteSession,
    actor: Technician,
    ticket: Ticket,
    told: Addressees,
    *,
    text: str,
    files: Sequence[NewFile],
    submission: str | None,
    office: Office,
) -> None:
    """What the desk says first, and who is told of it."""
    on_behalf = {"on_behalf_of": told.person.name} if told.person else {}
    note_event(session, ticket, EventKind.OPENED, by=actor, **on_behalf)
    article = await writing.write(
        session, actor, ticket, text=text, files=files, submission=submission, kind=ArticleKind.REPLY
    )
    files_sent = await writing.files(session, article) if files else ()
    await openings.tell_by_desk(session, ticket, article, told.person, office=office, files=files_sent)


async def check_product(session: WriteSession, service: Service, product: str) -> None:
    """Raises InvalidError where the service does not know the product."""
    if product not in await policy.products(session, service):
        raise InvalidError(N_("Choose one of the products of this service."), field="product")


def require_open(ticket: Ticket) -> None:
    """Raises ConflictError for a closed ticket."""
    if ticket.state in CLOSED:
        raise ConflictError(N_("The ticket is closed; nothing was changed."))
