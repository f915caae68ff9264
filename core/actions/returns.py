"""Whoever could not be reached and is back: one line instead of all the pushes of the time between."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import aliased

from core.actions.people import bindings
from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.models import TROUBLED_DELIVERIES, Channel, DeliveryState, OutboxRow, Person, Ticket, Urgency
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office

NAMED = 5


async def catch_up(session: WriteSession, person: Person, *, office: Office) -> None:
    """The person writes or has unblocked the bot: one digest names the tickets with news and carries the pushes."""
    if person.blocked_at is None:
        return
    person.blocked_at = person.knocked_id = None
    numbers = await _with_news(session, person)
    digest = None
    if numbers:
        payload = _digest(office.translators[person.reads], numbers)
        digest = await outbox.put(session, person.telegram_id, "sendMessage", payload, urgency=Urgency.REMINDER)
    await session.execute(
        update(OutboxRow)
        .where(_missed(person))
        .values(state=DeliveryState.CANCELLED, carried_by_id=digest.id if digest else None)
        .execution_options(synchronize_session=False)
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
    is_parked = (
        (OutboxRow.lane == lane) & (OutboxRow.channel == Channel.TELEGRAM) & (OutboxRow.state == DeliveryState.PARKED)
    )
    return or_(is_parked, OutboxRow.carried_by_id.in_(digests))


async def _with_news(session: ReadSession, person: Person) -> Sequence[int]:
    """Tickets with missed pushes, the newest news first; only of companies the person still acts for."""
    companies = [binding.company_id for binding in await bindings(session, [person])]
    missed = await session.scalars(
        select(Ticket.number)
        .join(OutboxRow, OutboxRow.ticket_id == Ticket.id)
        .where(_missed(person), OutboxRow.urgency != Urgency.ANSWER, Ticket.company_id.in_(companies))
        .order_by(OutboxRow.id.desc())
    )
    return list(dict.fromkeys(missed))


def _digest(t: Translator, numbers: Sequence[int]) -> dict[str, object]:
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
    return telegram.message(telegram.plain(text), rows)
