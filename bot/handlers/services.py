"""The customer's word on a change that costs: [I accept] or [No]."""

from bot import ticket_screen
from bot.context import Context
from core.actions import service_change
from core.errors import ConflictError
from core.render import telegram
from core.render.services import YES
from core.render.words import SERVICE_WORDS


async def consent(context: Context) -> None:
    """Whoever taps first decides; a question that is over is said to be so."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None or context.tapped is None:
        return
    _, event_id, word = context.tapped.arguments
    t, accepts = context.t, word == YES
    try:
        await service_change.answer(
            context.session,
            ticket,
            context.person,
            event_id=int(event_id),
            accepts=accepts,
            office=context.office,
        )
    except ConflictError as refusal:
        await context.answer_tap(t(refusal.message), alert=True)
        return
    if accepts:
        service = t(SERVICE_WORDS[ticket.service])
        words = t("Accepted: #%(number)s is treated as %(service)s.", number=ticket.number, service=service)
    else:
        words = t("Noted: #%(number)s stays as it is. We have told the technician.", number=ticket.number)
    await context.replace(telegram.message(telegram.plain(words), []), company_id=ticket.company_id)
