"""Freezes what a report says, at the moment of the closing."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import ReadSession
from core.i18n import Translator
from core.models import (
    Article,
    CallAttempt,
    Desk,
    EventKind,
    Technician,
    Ticket,
    TicketClosure,
    TicketEvent,
    TimeEntry,
)
from core.queries import tickets
from core.render.office import Office
from core.render.report import DeskCard, ReportedCall, ReportedFile, ReportSnapshot, Speaker, TimelineEntry
from core.render.words import OUTCOME_WORDS, SERVICE_WORDS, STATE_WORDS
from core.rules.closures import Closure
from core.rules.proofs import ticket_link
from core.rules.states import State


async def freeze(session: ReadSession, ticket: Ticket, closure: TicketClosure, *, office: Office) -> ReportSnapshot:
    """Everything the report of this closing says, in the desk's language; internal notes have no way into it."""
    t = office.t
    articles = await tickets.articles(session, ticket)
    calls = await _calls(session, ticket)
    moves = await _moves(session, ticket, until=closure.number)
    return ReportSnapshot(
        desk=_card(office),
        number=ticket.number,
        subject=ticket.subject,
        service=t(SERVICE_WORDS[ticket.service]),
        product=ticket.product,
        company=ticket.company.name,
        ruc=ticket.company.ruc,
        opened_at=ticket.created_at,
        closed_at=closure.at,
        opened_by=_opened_by(ticket, office),
        technicians=await _technicians(session, ticket, articles, closure),
        description=articles[0].text if articles else "",
        timeline=_timeline(articles, moves, t),
        calls=tuple(
            ReportedCall(call.at, call.phone or "", t(OUTCOME_WORDS[call.outcome]), call.technician.name)
            for call in calls
        ),
        files=tuple(ReportedFile(file.name, file.size) for article in articles for file in article.attachments),
        cause=closure.cause,
        solution=closure.solution,
        closure=t(STATE_WORDS[State(closure.closure.value)]),
        closure_number=closure.number,
        real_minutes=closure.real_minutes,
        charged_minutes=closure.charged_minutes,
        bag_before=closure.bag_before,
        bag_after=closure.bag_after,
        technical_hours=closure.technical_hours,
        purchased_before=closure.purchased_before,
        purchased_after=closure.purchased_after,
        bagged_minutes=closure.bagged_minutes,
        is_overdraft=closure.is_overdraft,
        carried_minutes=closure.carried_minutes,
        link=await _link(session, ticket),
    )


def _card(office: Office) -> DeskCard:
    logo = office.logo.sha256 if office.logo else ""
    return DeskCard(office.name, office.email, office.phone, office.url, office.address, logo)


def _opened_by(ticket: Ticket, office: Office) -> str:
    """A person, the desk, or the desk on behalf of a person."""
    if ticket.opened_by is None:
        return office.name
    if ticket.opened_by_technician_id is None:
        return ticket.opened_by.name
    return office.t("%(desk)s, on behalf of %(name)s", desk=office.name, name=ticket.opened_by.name)


async def _link(session: ReadSession, ticket: Ticket) -> str:
    """Where the customer's Telegram opens it; empty before the bot has told its name."""
    username = await session.scalar(select(Desk.bot_username).where(Desk.id == 1))
    return ticket_link(username, ticket.number) if username else ""


def _timeline(
    articles: Sequence[Article], moves: Sequence[tuple[TicketEvent, State]], t: Translator
) -> tuple[TimelineEntry, ...]:
    spoken = [
        TimelineEntry(
            article.created_at,
            article.technician.name if article.technician else (article.person.name if article.person else ""),
            article.text or ", ".join(file.name for file in article.attachments),
            Speaker.DESK if article.technician else Speaker.CUSTOMER,
        )
        for article in articles
    ]
    moved = [
        TimelineEntry(event.at, event.technician.name if event.technician else "", t(STATE_WORDS[state]))
        for event, state in moves
    ]
    return tuple(sorted(spoken + moved, key=lambda entry: entry.at))


async def _calls(session: ReadSession, ticket: Ticket) -> Sequence[CallAttempt]:
    query = (
        select(CallAttempt)
        .where(CallAttempt.ticket_id == ticket.id, CallAttempt.at >= ticket.reopened_at)
        .options(joinedload(CallAttempt.technician))
        .order_by(CallAttempt.at, CallAttempt.id)
    )
    return (await session.scalars(query)).all()


async def _moves(session: ReadSession, ticket: Ticket, *, until: int) -> Sequence[tuple[TicketEvent, State]]:
    """Each state the ticket was in, its closings before the one with this number among them."""
    query = (
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_([EventKind.STATE, EventKind.CLOSED]))
        .options(joinedload(TicketEvent.technician))
        .order_by(TicketEvent.id)
    )
    earlier = await _closures(session, ticket, until=until)
    found: list[tuple[TicketEvent, State]] = []
    for event in await session.scalars(query):
        if event.kind is EventKind.STATE:
            found.append((event, State(event.data["after"])))
        elif event.data["closure"] in earlier:
            found.append((event, earlier[event.data["closure"]].state))
    return found


async def _closures(session: ReadSession, ticket: Ticket, *, until: int) -> Mapping[int, Closure]:
    """How the ticket closed before, by the number of the closing."""
    query = select(TicketClosure.number, TicketClosure.closure)
    rows = await session.execute(query.where(TicketClosure.ticket_id == ticket.id, TicketClosure.number < until))
    return {row.number: row.closure for row in rows}


async def _technicians(
    session: ReadSession, ticket: Ticket, articles: Sequence[Article], closure: TicketClosure
) -> tuple[str, ...]:
    """Everybody who worked on it, in order of appearance, who closed it last."""
    timed = await session.scalars(
        select(Technician.name)
        .join(TimeEntry, TimeEntry.technician_id == Technician.id)
        .where(TimeEntry.ticket_id == ticket.id)
        .order_by(TimeEntry.id)
    )
    answered = [article.technician.name for article in articles if article.technician]
    return tuple(dict.fromkeys([*answered, *timed, closure.technician.name]))
