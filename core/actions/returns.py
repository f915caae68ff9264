"""Whoever could not be reached and is back: one line instead of all the pushes of the time between."""

from collections.abc import Sequence

from sqlalchemy import select, update

from core.actions.people import bindings
from core.db import ReadSession, WriteSession
from core.i18n import Translator
from core.messaging import outbox
from core.models import Channel, DeliveryState, OutboxRow, Person, Ticket, Urgency
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office

NAMED = 5


async def catch_up(session: WriteSession, person: Person, *, office: Office) -> None:
    """The person writes or has unblocked the bot: name the tickets with news, cancel the parked pushes."""
    if person.blocked_at is None:
        return
    person.blocked_at = None
    numbers = await _with_news(session, person)
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.lane == str(person.telegram_id),
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.state == DeliveryState.PARKED,
        )
        .values(state=DeliveryState.CANCELLED)
    )
    if numbers:
        payload = _digest(office.translators[person.language], numbers)
        await outbox.put(session, person.telegram_id, "sendMessage", payload, urgency=Urgency.REMINDER)


async def _with_news(session: ReadSession, person: Person) -> Sequence[int]:
    """Tickets with parked pushes, the newest news first; only of companies the person still acts for."""
    companies = [binding.company_id for binding in await bindings(session, person)]
    parked = await session.scalars(
        select(Ticket.number)
        .join(OutboxRow, OutboxRow.ticket_id == Ticket.id)
        .where(
            OutboxRow.lane == str(person.telegram_id),
            OutboxRow.channel == Channel.TELEGRAM,
            OutboxRow.state == DeliveryState.PARKED,
            OutboxRow.urgency != Urgency.ANSWER,
            Ticket.company_id.in_(companies),
        )
        .order_by(OutboxRow.id.desc())
    )
    return list(dict.fromkeys(parked))


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
