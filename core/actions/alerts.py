"""Technicians are told on their own phone: gathered while things happen, put at the end of the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

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
from core.rules.states import State

GATHERED = "alerts"  # where a session keeps what technicians may want to know
MISSED = timedelta(days=1)  # a reminder as old as this was told, or is no news any more


@dataclass(frozen=True)
class Told:
    """Something about a ticket or, without one, about the desk; ``key`` makes repeating it harmless.

    ``to_id``: the technician it is for; None: whoever has to do with it.
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


def note(session: WriteSession, told: Told) -> None:
    session.info.setdefault(GATHERED, []).append(told)
    session.at_end(write)
    session.at_end(outbox.write_posted)


def note_opened(session: WriteSession, ticket: Ticket, *, office: Office) -> None:
    note(session, Told(Alert.NEW_TICKET, f"opened-{ticket.number}", office, ticket))


def note_article(session: WriteSession, ticket: Ticket, article: Article, *, office: Office) -> None:
    """What a customer wrote; what the desk wrote it knows."""
    if article.person is None:
        return
    key = f"article-{ticket.number}-{article.position}"
    note(session, Told(Alert.CUSTOMER_WROTE, key, office, ticket, text=article.text))


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
    for told in gathered:
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
        payload = words.of_ticket(told.alert, told.ticket, company, text=told.text, office=told.office)
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


async def _companies(session: ReadSession, gathered: Sequence[Told]) -> dict[int, str]:
    ids = {told.ticket.company_id for told in gathered if told.ticket}
    if not ids:
        return {}
    return {company.id: company.name for company in await session.scalars(select(Company).where(Company.id.in_(ids)))}
