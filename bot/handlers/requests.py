"""A request answered on one tap: the time at which the customer may be called."""

from collections.abc import Sequence
from datetime import datetime

from bot import ticket_screen
from bot.context import Context
from core.actions import appointments
from core.clock import now
from core.models import Ticket
from core.queries import hours
from core.render import telegram
from core.render.requests import answer_rows, slot_of, slot_words
from core.rules import requests as rules
from core.rules.requests import Asks


async def slot(context: Context) -> None:
    """The time is the answer; one that is over, or that another has answered meanwhile, is said to be so."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None or context.tapped is None:
        return
    if ticket.request_asks is not Asks.TIME:
        await context.answer_tap(context.t("This has been answered already."), alert=True)
        return
    calendar = await hours.calendar(context.session, context.office.t.timezone)
    wanted = _wanted(context)
    if wanted is None or not rules.is_slot(calendar, wanted, at=now()):
        await context.answer_tap(context.t("That time is over: choose another one."), alert=True)
        await _ask_again(context, ticket, rules.slots(calendar, now()))
        return
    await appointments.agree(context.session, ticket, context.person, at=wanted, t=context.t, office=context.office)
    text = context.t("Noted in #%(number)s", number=ticket.number)
    promise = context.t("We will call you on %(when)s.", when=slot_words(wanted, context.t))
    await context.say(telegram.message(telegram.plain(f"{text}. {promise}"), silent=True), ticket_id=ticket.id)


async def _ask_again(context: Context, ticket: Ticket, slots: Sequence[datetime]) -> None:
    """The times of now, below those of then."""
    t, number = context.t, ticket.number
    text = t("When may we call you about #%(number)s?", number=number)
    rows = answer_rows(t, number, Asks.TIME, slots=slots)
    await context.say(telegram.message(telegram.plain(text), rows), ticket_id=ticket.id)


def _wanted(context: Context) -> datetime | None:
    assert context.tapped is not None
    try:
        return slot_of(context.tapped.arguments[-1])
    except (ValueError, OverflowError, OSError):
        return None
