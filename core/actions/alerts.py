"""Technicians are told on their own phone: gathered while things happen, put at the end of the transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select

from core.actions.staff_chats import key_of
from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import outbox
from core.models import Alarm, Article, Company, StaffChat, Technician, Ticket, TicketEvent, Urgency
from core.queries import hours, staff_chats
from core.queries.heartbeats import restored_at
from core.render import alerts as words
from core.render.office import Office
from core.rules.alerts import NEEDS, Alert, Wish, Work, is_told, read_wishes, stake_of
from core.rules.permissions import allows
from core.rules.states import CLOSED, State

GATHERED = "alerts"  # where a session keeps what technicians may want to know
MISSED = timedelta(days=1)  # a reminder as old as this was told, or is no news any more


@dataclass(frozen=True)
class Told:
    """Something about a ticket or, without one, about the desk; ``key`` makes repeating it harmless.

    Without a key it is told of a ticket that is nobody's, once until the desk does something to it. ``head``: the
    alert it is worded as, where it is wished for as another. ``to_id``: the technician it is for; None: whoever has
    to do with it.
    """

    alert: Alert
    key: str
    office: Office
    ticket: Ticket | None = None
    text: str = ""
    alarm: Alarm | None = None
    is_over: bool = False
    page: str = ""
    to_id: int | None = None
    head: Alert | None = None


def note(session: WriteSession, told: Told) -> None:
    session.info.setdefault(GATHERED, []).append(told)
    session.at_end(write)
    session.at_end(outbox.write_posted)


def note_opened(session: WriteSession, ticket: Ticket, *, office: Office) -> None:
    note(session, Told(Alert.NEW_TICKET, _of_new(ticket), office, ticket))


def note_article(session: WriteSession, ticket: Ticket, article: Article, *, office: Office) -> None:
    """What a customer wrote, to whose ticket it is; nobody's rings as new ones do. What the desk wrote it knows."""
    if article.person is None:
        return
    key = f"article-{ticket.number}-{article.position}"
    note(session, Told(Alert.CUSTOMER_WROTE, key, office, ticket, text=article.text))
    note(session, Told(Alert.NEW_TICKET, "", office, ticket, text=article.text, head=Alert.CUSTOMER_WROTE))


async def note_given(
    session: WriteSession, event: TicketEvent, ticket: Ticket, to: Technician, *, text: str, office: Office
) -> None:
    """Somebody has a ticket by a colleague's deed, the event; what one takes oneself one knows."""
    if event.technician_id == to.id:
        return
    await session.flush()
    note(session, Told(Alert.GIVEN, f"given-{event.id}", office, ticket, text=text, to_id=to.id))


def forget(session: WriteSession) -> None:
    """A savepoint was rolled back: it did not happen."""
    session.info.pop(GATHERED, None)


async def write(session: WriteSession) -> None:
    """Put what was gathered into the chats of those who wish it."""
    gathered: list[Told] = session.info.pop(GATHERED, [])
    chats = await staff_chats.in_use(session, stay=True) if gathered else ()
    if not chats:
        return
    is_open = (await hours.calendar(session, gathered[0].office.t.timezone)).is_open(now())
    names = await _companies(session, gathered)
    for told in await _with_keys(session, gathered):
        for chat in chats:
            if _wants(chat, told, is_open=is_open):
                _put(session, chat, told, names)
    await outbox.write_posted(session)


async def remind_due(session: WriteSession, *, office: Office) -> None:
    """Who is responsible for a pending ticket, and whose it is, when its day has come: once for each date."""
    moment = now()
    told_until = max(await restored_at(session) or moment - MISSED, moment - MISSED)
    due = await session.scalars(
        select(Ticket).where(Ticket.state == State.PENDING, Ticket.remind_at <= moment, Ticket.remind_at > told_until)
    )
    for ticket in due:
        assert ticket.remind_at is not None
        key = f"reminder-{ticket.number}-{int(ticket.remind_at.timestamp())}"
        note(session, Told(Alert.REMINDER, key, office, ticket))


def _wants(chat: StaffChat, told: Told, *, is_open: bool) -> bool:
    if told.to_id not in {None, chat.technician_id} or not allows(chat.technician.role, NEEDS[told.alert]):
        return False
    work = Work(told.ticket.assignee_id, told.ticket.responsible_id) if told.ticket else None
    wish: Wish = read_wishes(chat.wishes)[told.alert]
    return is_told(told.alert, stake_of(work, chat.technician_id), wish, is_open=is_open)


def _put(session: WriteSession, chat: StaffChat, told: Told, names: dict[int, str]) -> None:
    """About no ticket in the outbox's eyes: the chat of a customer's ticket is another matter."""
    if told.ticket is not None:
        company = names[told.ticket.company_id]
        payload = words.of_ticket(told.head or told.alert, told.ticket, company, text=told.text, office=told.office)
    elif told.alarm is not None:
        payload = words.of_alarm(told.alarm, is_over=told.is_over, office=told.office)
    else:
        payload = words.of_desk(told.alert, told.text, told.page, told.office)
    outbox.post(
        session,
        chat.chat_id,
        "sendMessage",
        payload,
        urgency=Urgency.NEWS,
        dedupe_key=key_of(chat.technician_id, told.key),
    )


async def _with_keys(session: ReadSession, gathered: Sequence[Told]) -> list[Told]:
    """What is told at all, with the key it is told under: that of a new ticket until the desk has done something."""
    nobodys = {told.ticket.id for told in gathered if not told.key and told.ticket and _is_nobodys(told.ticket)}
    deeds = await _last_deeds(session, nobodys)
    found = []
    for told in gathered:
        if told.key:
            found.append(told)
        elif told.ticket is not None and told.ticket.id in nobodys:
            deed = deeds.get(told.ticket.id)
            key = f"nobodys-{told.ticket.number}-{deed}" if deed else _of_new(told.ticket)
            found.append(replace(told, key=key))
    return found


def _of_new(ticket: Ticket) -> str:
    return f"opened-{ticket.number}"


def _is_nobodys(ticket: Ticket) -> bool:
    return ticket.assignee_id is None and ticket.responsible_id is None and ticket.state not in CLOSED


async def _last_deeds(session: ReadSession, ticket_ids: Collection[int]) -> Mapping[int, str]:
    """Which event and which article of a technician's came last, by the ticket's id; no line where there is none."""
    if not ticket_ids:
        return {}
    event = select(func.max(TicketEvent.id)).where(
        TicketEvent.ticket_id == Ticket.id, TicketEvent.technician_id.is_not(None)
    )
    article = select(func.max(Article.position)).where(
        Article.ticket_id == Ticket.id, Article.technician_id.is_not(None)
    )
    rows = await session.execute(
        select(Ticket.id, event.scalar_subquery(), article.scalar_subquery()).where(Ticket.id.in_(ticket_ids))
    )
    return {id_: f"{event_id or 0}-{position or 0}" for id_, event_id, position in rows if event_id or position}


async def _companies(session: ReadSession, gathered: Sequence[Told]) -> dict[int, str]:
    ids = {told.ticket.company_id for told in gathered if told.ticket}
    if not ids:
        return {}
    return {company.id: company.name for company in await session.scalars(select(Company).where(Company.id.in_(ids)))}
