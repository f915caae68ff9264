"""Whoever could not be reached and is back: one line for each company instead of the pushes of the time between.

What no ticket shows goes as it was: an open question about a phone, a reset password, hours that ran low lately.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import aliased

from core.actions.hours import EXPIRED, EXPIRING, LOW
from core.actions.people import bindings
from core.clock import now
from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.messaging import outbox, parting
from core.messaging.ready import among
from core.models import (
    IN_FORCE,
    OPEN_DELIVERIES,
    TROUBLED_DELIVERIES,
    Announcement,
    Binding,
    Channel,
    Company,
    DeliveryState,
    OutboxRow,
    Person,
    Ticket,
    Urgency,
)
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office
from core.rules.purchases import AHEAD, LATE
from core.wake import Topic

NAMED = 5


async def catch_up(session: WriteSession, person: Person, *, office: Office) -> None:
    """The person writes or has unblocked the bot: a digest names the tickets with news and carries the pushes."""
    if person.blocked_at is None:
        return
    await _let_go_again(session, person)  # row before person, as whoever parks takes them
    person.blocked_at = person.knocked_id = None
    for company_id in sorted(binding.company_id for binding in await bindings(session, [person])):
        await parting.stay(session, company_id)
    await _release(session, person)
    news = await _with_news(session, person)
    for company, numbers in news.items():
        said = _digest(office.translators[person.reads], numbers, of=company.name if len(news) > 1 else "")
        digest = await outbox.put(
            session,
            person.telegram_id,
            "sendMessage",
            said,
            urgency=Urgency.REMINDER,
            about=outbox.Subject(company_id=company.id),
        )
        of_company = OutboxRow.ticket_id.in_(select(Ticket.id).where(Ticket.company_id == company.id))
        await _cancel(session, _missed(person), of_company, carried_by_id=digest.id)
    await _cancel(session, _missed(person), carried_by_id=None)


async def _let_go_again(session: WriteSession, person: Person) -> None:
    """What is on its way left before the person was back: its refusal, if it comes to that, is of yesterday."""
    await session.execute(
        update(OutboxRow)
        .where(
            among(OutboxRow.state, OPEN_DELIVERIES),
            OutboxRow.state == DeliveryState.SENDING,
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.lane == str(person.telegram_id),
        )
        .values(released_at=now())
        .execution_options(synchronize_session=False)
    )


async def _cancel(session: WriteSession, *rows: ColumnElement[bool], carried_by_id: int | None) -> None:
    await session.execute(
        update(OutboxRow)
        .where(*rows)
        .values(state=DeliveryState.CANCELLED, carried_by_id=carried_by_id)
        .execution_options(synchronize_session=False)
    )


async def _release(session: WriteSession, person: Person) -> None:
    """What no ticket shows would be lost; a settled question waits for nobody any more."""
    waiting = await session.scalars(
        select(OutboxRow.id).where(
            _is_parked(person),
            OutboxRow.ticket_id.is_(None),
            OutboxRow.company_id.is_not(None),
            OutboxRow.urgency == Urgency.NEWS,
            or_(OutboxRow.dedupe_key.is_(None), ~_is_history()),
        )
    )
    settled = await session.scalars(
        select(Announcement.told).where(
            Announcement.settled_at.is_not(None),
            Announcement.company_id.in_(select(Binding.company_id).where(Binding.person_id == person.id, IN_FORCE)),
        )
    )
    open_ones = set(waiting).difference(*settled)
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(open_ones))
        .values(state=DeliveryState.QUEUED, due_at=now())
        .execution_options(synchronize_session=False)
    )
    session.wake(Topic.OUTBOX)


def _is_history() -> ColumnElement[bool]:
    """News of minutes too old to be told: a low or expired balance after ``LATE``, one to come after ``AHEAD``."""
    is_balance = or_(OutboxRow.dedupe_key.startswith(LOW), OutboxRow.dedupe_key.startswith(EXPIRED))
    return or_(
        is_balance & (OutboxRow.created_at <= now() - LATE),
        OutboxRow.dedupe_key.startswith(EXPIRING) & (OutboxRow.created_at <= now() - AHEAD),
    )


async def notice_returned(session: WriteSession, *, office: Office) -> None:
    """A push has arrived in a chat that was taken for blocked: it is not, although nobody has told."""
    arrived = select(OutboxRow.id).where(OutboxRow.id == Person.knocked_id, OutboxRow.state == DeliveryState.SENT)
    back = await session.scalars(select(Person).where(Person.blocked_at.is_not(None), arrived.exists()))
    for person in back.all():
        await catch_up(session, person, office=office)


def _missed(person: Person) -> ColumnElement[bool]:
    """Parked pushes, and those whose digest did not arrive either."""
    digest = aliased(OutboxRow)
    lane = str(person.telegram_id)
    digests = select(digest.id).where(
        digest.lane == lane, digest.channel == Channel.TELEGRAM, digest.state.in_(TROUBLED_DELIVERIES)
    )
    return or_(_is_parked(person), OutboxRow.carried_by_id.in_(digests))


def _is_parked(person: Person) -> ColumnElement[bool]:
    return (
        (OutboxRow.lane == str(person.telegram_id))
        & (OutboxRow.channel == Channel.TELEGRAM)
        & (OutboxRow.state == DeliveryState.PARKED)
    )


async def _with_news(session: ReadSession, person: Person) -> Mapping[Company, Sequence[int]]:
    """Numbers of tickets with missed pushes by company, the newest news first, as far as the person acts for them."""
    companies = [binding.company_id for binding in await bindings(session, [person])]
    missed = await session.execute(
        select(Company, Ticket.number)
        .join(Ticket, Ticket.company_id == Company.id)
        .join(OutboxRow, OutboxRow.ticket_id == Ticket.id)
        .where(_missed(person), OutboxRow.urgency != Urgency.ANSWER, Ticket.company_id.in_(companies))
        .where(~outbox.is_retracted())
        .order_by(OutboxRow.id.desc())
    )
    found: dict[Company, list[int]] = {}
    for company, number in dict.fromkeys((company, number) for company, number in missed):
        found.setdefault(company, []).append(number)
    return found


def _digest(t: Translator, numbers: Sequence[int], *, of: str) -> dict[str, object]:
    """``of``: the company, where there are several."""
    named, more = numbers[:NAMED], len(numbers) - NAMED
    tickets = ", ".join(f"#{number}" for number in named)
    text = t("While we could not write to you there was news in %(tickets)s.", tickets=tickets)
    if more > 0:
        text = t.plural(
            "While we could not write to you there was news in %(tickets)s and %(n)s more.",
            "While we could not write to you there was news in %(tickets)s and %(n)s more.",
            more,
            tickets=tickets,
        )
    rows = [[Button(f"{t('See ticket')} #{number}", data(Tap.TICKET, number))] for number in named]
    return telegram.message(telegram.plain(f"{of}\n{text}" if of else text), rows)
