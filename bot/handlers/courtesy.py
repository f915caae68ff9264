"""Thanks for a ticket that is closed: taken with a short line, and nobody has to do anything."""

from bot.context import Context
from bot.update import Message
from core.actions import articles, conversations, drafts
from core.actions.content import Content
from core.errors import NotFoundError
from core.models import DraftState, Ticket
from core.queries import tickets
from core.rules.courtesy import is_courtesy
from core.rules.intake import Step
from core.rules.states import CLOSED


async def taken(context: Context) -> bool:
    """Whether the message was only courtesy for a closed ticket, and is dealt with."""
    content = _courteous(context.message, context) if context.message else None
    if content is None:
        return False
    ticket = await _meant(context)
    if ticket is None or ticket.state not in CLOSED:
        return False
    await articles.thank(context.session, context.person, ticket, content)
    if context.conversation.step is Step.ANSWER:
        conversations.go(context.conversation, Step.MENU)
    await context.say_text(context.t("Thank you! #%(number)s stays closed.", number=ticket.number), silent=True)
    return True


def _courteous(message: Message, context: Context) -> Content | None:
    """The message as content where it only thanks: words, signs or a sticker, and its own, not somebody else's."""
    if message.forward_origin is not None:
        return None
    if message.sticker is not None:
        sign = message.sticker.emoji or ""
        return Content(message.chat_id, message.message_id, sign) if is_courtesy(sign) else None
    if not message.text or not is_courtesy(message.text):
        return None
    return context.content


async def _meant(context: Context) -> Ticket | None:
    """The ticket it answers, else the one with the latest news; None while a message waits for its ticket."""
    session, step = context.session, context.conversation.step
    if await drafts.open_of(session, context.chat_id, DraftState.LOOSE) is not None:
        return None
    number = context.replies_to or (int(context.conversation.data.get("number", 0)) if step is Step.ANSWER else 0)
    if not number:
        number = await tickets.latest_number(session, context.person, context.bound)
    if number in context.tickets:
        number = context.tickets[number].ticket.number  # where it goes on
    try:
        return await tickets.of_customer(session, context.person, number, lock=True)
    except NotFoundError:
        return None
