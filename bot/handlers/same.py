"""A draft that is like a ticket the customer has: the same, or another one."""

from bot import screens, ticket_screen
from bot.context import Context
from bot.handlers import drafts as card
from core.actions import articles, conversations, drafts
from core.messaging import outbox
from core.rules.intake import Step
from core.rules.states import CLOSED


async def add_to_it(context: Context) -> None:
    """Everything of the draft becomes an article of the ticket it is the same as."""
    draft = await card.tapped_draft(context)
    ticket = await ticket_screen.of_button(context, argument=1, lock=True) if draft else None
    if draft is None or ticket is None:
        return
    ticket = await ticket_screen.goes_on_in(context, ticket, lock=True)
    if ticket.state in CLOSED:
        await context.answer_tap(
            context.t("Ticket #%(number)s has been closed by now: send yours as a new one.", number=ticket.number),
            alert=True,
        )
        await screens.show_card(context, draft, repost=False)
        return
    await drafts.place(context.session, context.person, draft, ticket, office=context.office)
    conversations.go(context.conversation, Step.MENU)
    noted = articles.noted(context.t, ticket)
    if draft.card_id is None or not await outbox.edit(context.session, draft.card_id, noted):
        await context.replace(noted)


async def is_another(context: Context) -> None:
    """It is another trouble: not asked again."""
    draft = await card.tapped_draft(context)
    if draft is not None:
        draft.is_another = True
        await screens.show_card(context, draft, repost=False)
