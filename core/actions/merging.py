"""Two tickets about one trouble become one: the second stays readable and leads to the first (docs/decisions)."""

from sqlalchemy import func, select, update

from core.actions import audit, indexing, notify, requests
from core.actions.authorize import authorize
from core.actions.events import change_state, note_event, touch
from core.actions.readers import readers
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError, NotFoundError
from core.i18n import N_
from core.models import (
    Album,
    Appointment,
    CallAttempt,
    Conversation,
    EventKind,
    Technician,
    Ticket,
    TimeEntry,
    Timer,
)
from core.queries.tickets import by_number
from core.render import telegram
from core.render.office import Office
from core.render.words import MERGE_REFUSAL_WORDS
from core.rules.intake import Step
from core.rules.merging import MergingFacts, merge_refusals
from core.rules.notices import Notice
from core.rules.permissions import Permission
from core.rules.states import State


async def merge(session: WriteSession, actor: Technician, ticket: Ticket, *, into: int, office: Office) -> None:
    """The ticket goes on in the one of that number; both were taken with ``tickets.beside``.

    Raises ConflictError with every reason.
    """
    authorize(actor, Permission.MERGE_TICKETS)
    try:
        target = await by_number(session, into, lock=True)
    except NotFoundError:
        raise InvalidError(N_("There is no ticket #%(number)s."), field="into", number=into) from None
    against = merge_refusals(await _facts(session, ticket, target))
    if against:
        raise ConflictError(MERGE_REFUSAL_WORDS[against[0]], reasons=against)
    await requests.end(session, ticket)
    ticket.service_asked_id = None
    change_state(session, ticket, State.MERGED, by=actor)
    ticket.merged_into_id = target.id
    await _hand_over(session, ticket, target)
    note_event(session, ticket, EventKind.MERGED, by=actor, into=target.number)
    note_event(session, target, EventKind.MERGED, by=actor, number=ticket.number)
    audit.record(session, actor, "ticket.merged", on=f"ticket {ticket.number}", into=target.number)
    indexing.renew(session, target.id)
    await session.flush()
    await _tell(session, ticket, target, office=office)


async def _facts(session: ReadSession, ticket: Ticket, target: Ticket) -> MergingFacts:
    timers = await session.scalar(select(func.count()).select_from(Timer).where(Timer.ticket_id == ticket.id))
    first = [
        await session.scalar(select(func.min(kind.at)).where(kind.ticket_id == ticket.id))
        for kind in (TimeEntry, CallAttempt)
    ]
    return MergingFacts(
        is_same=ticket.id == target.id,
        same_company=ticket.company_id == target.company_id,
        state=ticket.state,
        target_state=target.state,
        closings=ticket.closures_count,
        timer_running=bool(timers),
        may_share=(ticket.is_verified and target.is_verified) or ticket.opened_by_id == target.opened_by_id,
        first_work=min((at for at in first if at is not None), default=None),
        target_reopened_at=target.reopened_at if target.closures_count else None,
    )


async def _hand_over(session: WriteSession, ticket: Ticket, target: Ticket) -> None:
    """What is not said but done moves: the target's closing counts it. Whoever opened the one hears of the other."""
    if not target.closures_count:
        target.reopened_at = min(target.reopened_at, ticket.reopened_at)
    target.customer_spoke_last = target.customer_spoke_last or ticket.customer_spoke_last
    target.assignee_id = target.assignee_id or ticket.assignee_id
    openers = {*(target.also_opened_by or ()), *(ticket.also_opened_by or ()), ticket.opened_by_id}
    target.also_opened_by = sorted(openers - {None, target.opened_by_id}) or None
    touch(target)
    for moved in (TimeEntry, CallAttempt, Appointment):
        await session.execute(update(moved).where(moved.ticket_id == ticket.id).values(ticket_id=target.id))
    # an album that is still arriving has said nothing yet
    arriving = update(Album).where(Album.ticket_id == ticket.id, Album.article_id.is_(None))
    await session.execute(arriving.values(ticket_id=target.id))
    # what had become part of it before goes along, so that one step always leads to where it goes on
    await session.execute(
        update(Ticket)
        .where(Ticket.merged_into_id == ticket.id)
        .values(merged_into_id=target.id)
        .execution_options(synchronize_session=False)
    )
    answering = await session.scalars(
        select(Conversation)
        .where(Conversation.step == Step.ANSWER, Conversation.data["number"].as_integer() == ticket.number)
        .with_for_update()
    )
    for conversation in answering:
        conversation.data = conversation.data | {"number": target.number}


async def _tell(session: WriteSession, ticket: Ticket, target: Ticket, *, office: Office) -> None:
    """One message to everybody the ticket concerned; its buttons are those of the other."""
    news = notify.News(ticket, Notice.STATE_CHANGED, "merged")
    for reader in await readers(session, ticket, news.notice, author=None, office=office):
        html = telegram.page("merged", reader.t, ticket=ticket, target=target, company=reader.company)
        await notify.put(session, reader, news, [telegram.message(html, notify.follow_up(reader, target))])
